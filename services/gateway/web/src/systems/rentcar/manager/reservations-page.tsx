import { type Reservation, Reservation_Status } from '#proto/es/rentcar/reservation/v1/reservation_pb.ts';
import { Page } from '../../../shell/page.tsx';
import { choices } from '../../../ui/choices.ts';
import { Command } from '../../../ui/command.tsx';
import { Empty } from '../../../ui/empty.tsx';
import { EntityList } from '../../../ui/entity-list.tsx';
import { day, moment } from '../../../ui/format.ts';
import { RowAction } from '../../../ui/row-action.tsx';
import { Status } from '../../../ui/status.tsx';
import { TableRow } from '../../../ui/table-row.tsx';
import { CancelDialog } from '../cancel-dialog.tsx';
import { reservations } from '../clients.ts';
import { at } from '../paths.ts';
import { wordOfReservation } from '../statuses.ts';

const statuses = choices(Reservation_Status.STATUS_UNSPECIFIED, {
  RESERVED: [Reservation_Status.RESERVED, 'Reserved'],
  REJECTED: [Reservation_Status.REJECTED, 'Rejected'],
  CANCELLED: [Reservation_Status.CANCELLED, 'Cancelled'],
  COMPLETED: [Reservation_Status.COMPLETED, 'Completed'],
});

/** All reservations, by customer, car and status. */
export function ManageReservationsPage() {
  return (
    <Page title="Reservations" lead="Every reservation, oldest first.">
      <EntityList
        place={at('manage/reservations')}
        caption="Reservations"
        icon="clock"
        texts={{ user: 'User id', car: 'Car id' }}
        statuses={statuses}
        load={async ({ pageToken, texts, status }, signal) => {
          const request = { pageToken, status, userId: texts.user ?? '', carId: texts.car ?? '' };
          const page = await reservations.listReservations(request, { signal });
          return { items: page.reservations, nextPageToken: page.nextPageToken };
        }}
        columns={['Car', 'Customer', 'Day', 'Made', 'Status', 'Action']}
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
  const { reservationId, carName, userId, userName, reservedDate, createTime, status } = reservation;
  const word = wordOfReservation(status);
  return (
    <TableRow status={status}>
      <th scope="row">
        <a href={at(`reservations/${reservationId}`)}>{carName || 'Not known'}</a>
      </th>
      <td data-label="Customer">{userName === '' ? userId : `${userName} (${userId})`}</td>
      <td data-label="Day">{reservedDate === '' ? '–' : day(reservedDate)}</td>
      <td data-label="Made">{moment(createTime)}</td>
      <td data-label="Status">
        <Status tone={word.tone}>{word.name}</Status>
      </td>
      <td>
        {status === Reservation_Status.RESERVED && (
          <RowAction<Reservation>
            name="Cancel"
            of={`${carName} of ${userName || userId}`}
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
        <a href={at()}>Reserve a car</a> as a customer, or from a terminal:
      </p>
      <Command>{`curl ${location.origin}/rentcar/reservations -d '{"carId":"<id of a car>","userId":"AAA"}'`}</Command>
    </Empty>
  );
}
