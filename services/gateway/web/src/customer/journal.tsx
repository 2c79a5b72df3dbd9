import { timeOfDay } from '../ui/format.ts';
import { wordOfMypage } from './statuses.ts';
import type { Arrival } from './use-mypage.ts';

/** What arrived while the page was looked at. */
export function Journal({ arrivals }: { arrivals: readonly Arrival[] }) {
  if (arrivals.length === 0) return null;
  return (
    <section class="panel" aria-labelledby="journal">
      <h2 id="journal">What arrived here</h2>
      <p class="quiet">
        The stream <code>MypageService.WatchMypage</code> brings each change as soon as mypage has heard of it.
      </p>
      <ol class="journal">
        {arrivals.map(({ mypage, at }) => (
          <li key={at.getTime()}>
            <time dateTime={at.toISOString()}>{timeOfDay(at)}</time>
            <span>{wordOfMypage(mypage.status).name}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
