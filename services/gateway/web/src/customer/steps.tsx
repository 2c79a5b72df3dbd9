import type { Mypage_Status } from '#proto/es/rentcar/mypage/v1/mypage_pb.ts';
import { Icon } from '../ui/icon.tsx';
import { type Step, stepsOf } from './statuses.ts';

const said: Record<Step['state'], string> = { done: 'done', now: 'under way', ahead: 'still to come' };

/** A reservation's way: what is done, what is under way, what is still to come, and what does it behind the scenes. */
export function Steps({ status }: { status: Mypage_Status }) {
  return (
    <ol class="steps">
      {stepsOf(status).map(({ name, behind, state }) => (
        <li key={name} class={state} aria-current={state === 'now' ? 'step' : undefined}>
          <span class="mark">{state === 'done' && <Icon name="check" />}</span>
          <div>
            <p class="name">
              {name}
              <span class="unseen">, {said[state]}</span>
            </p>
            <p class="hint">{behind}</p>
          </div>
        </li>
      ))}
    </ol>
  );
}
