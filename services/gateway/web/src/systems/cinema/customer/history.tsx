import { timestampDate } from '@bufbuild/protobuf/wkt';
import type { Information } from '#proto/es/cinema/information/v1/information_pb.ts';
import { timeOfDay } from '../../../ui/format.ts';
import { wordOfInformation } from '../statuses.ts';

/** The states that a reservation has had, with their times. */
export function History({ states }: { states: Information['history'] }) {
  if (states.length === 0) return null;
  return (
    <section class="panel" aria-labelledby="history">
      <h2 id="history">History</h2>
      <ol class="journal">
        {states.flatMap(({ status, time }) => {
          if (time === undefined) return [];
          const at = timestampDate(time);
          return (
            <li key={status}>
              <time dateTime={at.toISOString()}>{timeOfDay(at)}</time>
              <span>{wordOfInformation(status).name}</span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
