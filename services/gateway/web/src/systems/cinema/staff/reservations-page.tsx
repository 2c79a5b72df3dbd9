import { type Reservation, Reservation_Status } from '#proto/es/cinema/reservation/v1/reservation_pb.ts';
import { Page } from '../../../shell/page.tsx';
import { choices } from '../../../ui/choices.ts';
import { Command } from '../../../ui/command.tsx';
import { Empty } from '../../../ui/empty.tsx';
import { EntityList } from '../../../ui/entity-list.tsx';
import { moment } from '../../../ui/format.ts';
import { RowAction } from '../../../ui/row-action.tsx';
import { Status } from '../../../ui/status.tsx';
import { TableRow } from '../../../ui/table-row.tsx';
import { CancelDialog } from '../cancel-dialog.tsx';
import { reservations } from '../clients.ts';
import { at } from '../paths.ts';
import { programme, showTime, won } from '../programme.ts';
import { wordOfReservation } from '../statuses.ts';

const statuses = choices(Reservation_Status.STATUS_UNSPECIFIED, {
  REQUESTED: [Reservation_Status.REQUESTED, 'Requested'],
  RESERVED: [Reservation_Status.RESERVED, 'Reserved'],
  CANCELLED: [Reservation_Status.CANCELLED, 'Cancelled'],
  REJECTED: [Reservation_Status.REJECTED, 'Rejected'],
});

/** All reservations, by customer, film and status. */
export function StaffReservationsPage() {
  return (
    <Page title="Reservations" lead="Every reservation, oldest first.">
      <EntityList
        place={at('staff')}
        caption="Reservations"
        icon="clock"
        texts={{ user: 'User id', film: 'Film' }}
        statuses={statuses}
        load={async ({ pageToken, texts, status }, signal) => {
          const request = { pageToken, status, userId: texts.user ?? '', cinemaNo: texts.film ?? '' };
          const page = await reservations.listReservations(request, { signal });
          return { items: page.reservations, nextPageToken: page.nextPageToken };
        }}
        columns={['Film', 'Customer', 'Time', 'Price', 'Made', 'Status', 'Action']}
        row={(each, pages) => (
          <Row
            key={each.reservationId}
            reservation={each}
            onCancelled={(cancelled) => pages.replace(({ reservationId }) => reservationId === cancelled.reservationId, cancelled)}
          />
        )}
        empty={<NoReservation />}
        noMatch="No reservation is like this"
      />
    </Page>
  );
}

function Row({ reservation, onCancelled }: { reservation: Reservation; onCancelled: (reservation: Reservation) => void }) {
  const { reservationId, cinemaNo, userId, time, price, createTime, status } = reservation;
  const word = wordOfReservation(status);
  return (
    <TableRow status={status}>
      <th scope="row">
        <a href={at(`reservations/${reservationId}`)}>{cinemaNo || 'Not known'}</a>
      </th>
      <td data-label="Customer">{userId}</td>
      <td data-label="Time">{showTime(time)}</td>
      <td data-label="Price">{won(price)}</td>
      <td data-label="Made">{moment(createTime)}</td>
      <td data-label="Status">
        <Status tone={word.tone}>{word.name}</Status>
      </td>
      <td>
        {(status === Reservation_Status.REQUESTED || status === Reservation_Status.RESERVED) && (
          <RowAction<Reservation>
            name="Cancel"
            of={`${cinemaNo} of ${userId}`}
            dialog={({ onClose, done }) => <CancelDialog reservation={reservation} onClose={onClose} onCancelled={done} />}
            onDone={onCancelled}
          />
        )}
      </td>
    </TableRow>
  );
}

function NoReservation() {
  return (
    <Empty icon="clock" title="There are no reservations">
      <p>
        <a href={at()}>Reserve a ticket</a> as a customer, or from a terminal:
      </p>
      <Command>{`curl ${location.origin}/cinema/reservations -d '${JSON.stringify({ userId: 'AAA', ...programme[0] })}'`}</Command>
    </Empty>
  );
}
