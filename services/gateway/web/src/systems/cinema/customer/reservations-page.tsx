import { Command } from '../../../ui/command.tsx';
import { Empty } from '../../../ui/empty.tsx';
import { OwnListPage } from '../../../ui/own-list-page.tsx';
import { informations } from '../clients.ts';
import { at } from '../paths.ts';
import { programme, showTime } from '../programme.ts';
import { wordOfInformation } from '../statuses.ts';

/** The tickets of the user. */
export function ReservationsPage() {
  return (
    <OwnListPage
      things="tickets"
      made="reserved"
      load={async (userId, pageToken, signal) => {
        const page = await informations.listInformations({ pageToken, userId, pageSize: 100 }, { signal });
        return { items: page.informations, nextPageToken: page.nextPageToken };
      }}
      row={({ reservationId, cinemaNo, time, status }) => ({
        id: reservationId,
        path: at(`reservations/${reservationId}`),
        what: cinemaNo || 'A ticket',
        detail: showTime(time),
        word: wordOfInformation(status),
      })}
      empty={(userId) => (
        <Empty icon="clock" title="Nothing is reserved yet">
          <p>Your first reservation appears here as soon as its event has passed through Kafka.</p>
          <p>
            <a class="button primary" href={at()}>
              See the programme
            </a>
          </p>
          <Command>{`curl ${location.origin}/cinema/reservations -d '${JSON.stringify({ userId, ...programme[0] })}'`}</Command>
        </Empty>
      )}
    />
  );
}
