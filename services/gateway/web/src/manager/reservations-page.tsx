import { useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { type Reservation, Reservation_Status } from '#proto/es/rentcar/reservation/v1/reservation_pb.ts';
import { reservations } from '../api/clients.ts';
import { usePages } from '../api/use-pages.ts';
import { CancelDialog } from '../customer/cancel-dialog.tsx';
import { wordOfReservation } from '../customer/statuses.ts';
import { Page } from '../shell/page.tsx';
import { Command } from '../ui/command.tsx';
import { Empty } from '../ui/empty.tsx';
import { day, moment } from '../ui/format.ts';
import { ListTable } from '../ui/list-table.tsx';
import { Status } from '../ui/status.tsx';
import { useFocusKept } from '../ui/use-focus-kept.ts';
import { choiceOf, choices } from './choices.ts';
import { Filters } from './filters.tsx';

const statuses = choices(Reservation_Status.STATUS_UNSPECIFIED, {
  RESERVED: [Reservation_Status.RESERVED, 'Reserved'],
  REJECTED: [Reservation_Status.REJECTED, 'Rejected'],
  CANCELLED: [Reservation_Status.CANCELLED, 'Cancelled'],
  COMPLETED: [Reservation_Status.COMPLETED, 'Completed'],
});

/** All reservations, by customer, car and status. */
export function ManageReservationsPage() {
  const { query } = useLocation();
  const { user: userId = '', car: carId = '' } = query;
  const status = choiceOf(statuses, query.status);
  const [cancelling, setCancelling] = useState<Reservation>();
  const pages = usePages(
    async (pageToken, signal) => {
      const page = await reservations.listReservations({ pageToken, userId, carId, status: status.code }, { signal });
      return { items: page.reservations, nextPageToken: page.nextPageToken };
    },
    [userId, carId, status],
  );
  return (
    <Page title="Reservations" lead="Every reservation, oldest first.">
      <Filters
        place="/app/manage/reservations"
        texts={[
          { name: 'user', label: 'User id', value: userId },
          { name: 'car', label: 'Car id', value: carId },
        ]}
        status={status.value}
        statuses={statuses}
        found={pages.items?.length}
      />
      <ListTable
        pages={pages}
        caption="Reservations"
        columns={['Car', 'Customer', 'Day', 'Made', 'Status', 'Action']}
        row={(each) => <Row key={each.reservationId} reservation={each} onCancel={() => setCancelling(each)} />}
        empty={<NoReservation filtered={userId !== '' || carId !== '' || status.value !== ''} />}
      />
      {cancelling !== undefined && (
        <CancelDialog
          reservation={cancelling}
          onClose={() => setCancelling(undefined)}
          onCancelled={(cancelled) => {
            setCancelling(undefined);
            pages.replace(({ reservationId }) => reservationId === cancelled.reservationId, cancelled);
          }}
        />
      )}
    </Page>
  );
}

function Row({ reservation, onCancel }: { reservation: Reservation; onCancel: () => void }) {
  const { reservationId, carName, userId, userName, reservedDate, createTime, status } = reservation;
  const word = wordOfReservation(status);
  const row = useRef<HTMLTableRowElement>(null);
  useFocusKept(row, status);
  return (
    <tr ref={row} tabIndex={-1}>
      <th scope="row">
        <a href={`/app/reservations/${reservationId}`}>{carName || 'Not known'}</a>
      </th>
      <td data-label="Customer">{userName === '' ? userId : `${userName} (${userId})`}</td>
      <td data-label="Day">{reservedDate === '' ? '–' : day(reservedDate)}</td>
      <td data-label="Made">{moment(createTime)}</td>
      <td data-label="Status">
        <Status tone={word.tone}>{word.name}</Status>
      </td>
      <td>
        {status === Reservation_Status.RESERVED && (
          <button type="button" aria-haspopup="dialog" onClick={onCancel}>
            Cancel
            <span class="unseen">
              {' '}
              {carName} of {userName || userId}
            </span>
          </button>
        )}
      </td>
    </tr>
  );
}

function NoReservation({ filtered }: { filtered: boolean }) {
  if (filtered)
    return (
      <Empty icon="clock" title="No reservation is like this">
        <p>Ids have to be whole. Take away a filter to see more.</p>
      </Empty>
    );
  return (
    <Empty icon="clock" title="Nobody has reserved yet">
      <p>
        <a href="/app/">Reserve a car</a> as a customer would, or from a terminal:
      </p>
      <Command>{`curl ${location.origin}/rentcar/reservations -d '{"carId":"<id of a car>","userId":"AAA"}'`}</Command>
    </Empty>
  );
}
