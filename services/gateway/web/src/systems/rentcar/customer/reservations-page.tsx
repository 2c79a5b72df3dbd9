import { Command } from '../../../ui/command.tsx';
import { Empty } from '../../../ui/empty.tsx';
import { day } from '../../../ui/format.ts';
import { OwnListPage } from '../../../ui/own-list-page.tsx';
import { mypages } from '../clients.ts';
import { at } from '../paths.ts';
import { wordOfMypage } from '../statuses.ts';

/** The reservations of the user. */
export function ReservationsPage() {
  return (
    <OwnListPage
      things="reservations"
      made="reserved"
      load={async (userId, pageToken, signal) => {
        const page = await mypages.listMypages({ pageToken, userId, pageSize: 100 }, { signal });
        return { items: page.mypages, nextPageToken: page.nextPageToken };
      }}
      row={({ reservationId, carName, reservedDate, status }) => ({
        id: reservationId,
        path: at(`reservations/${reservationId}`),
        what: carName || 'A car',
        detail: reservedDate === '' ? 'No day given' : day(reservedDate),
        word: wordOfMypage(status),
      })}
      empty={(userId) => (
        <Empty icon="clock" title="Nothing is reserved yet">
          <p>Your first reservation appears here as soon as its event has passed through Kafka.</p>
          <p>
            <a class="button primary" href={at()}>
              Find a car
            </a>
          </p>
          <Command>{`curl ${location.origin}/rentcar/reservations -d '{"carId":"<id of a car>","userId":"${userId}"}'`}</Command>
        </Empty>
      )}
    />
  );
}
