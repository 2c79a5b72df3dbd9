import { useRef, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { type Rental, Rental_Status } from '#proto/es/rentcar/rental/v1/rental_pb.ts';
import { rentals } from '../api/clients.ts';
import { usePages } from '../api/use-pages.ts';
import { Page } from '../shell/page.tsx';
import { Command } from '../ui/command.tsx';
import { Empty } from '../ui/empty.tsx';
import { moment } from '../ui/format.ts';
import { ListTable } from '../ui/list-table.tsx';
import { Status, type Tone } from '../ui/status.tsx';
import { useFocusKept } from '../ui/use-focus-kept.ts';
import { choiceOf, choices } from './choices.ts';
import { CompleteDialog } from './complete-dialog.tsx';
import { Filters } from './filters.tsx';

const statuses = choices(Rental_Status.STATUS_UNSPECIFIED, {
  ALLOCATED: [Rental_Status.ALLOCATED, 'Set aside'],
  CANCELLED: [Rental_Status.CANCELLED, 'Cancelled'],
  COMPLETED: [Rental_Status.COMPLETED, 'Completed'],
});

/** Cars set aside for reservations, and the button for a car that came back. */
export function AllocationsPage() {
  const { query } = useLocation();
  const { user: userId = '', reservation: reservationId = '' } = query;
  const status = choiceOf(statuses, query.status);
  const [completing, setCompleting] = useState<Rental>();
  const pages = usePages(
    async (pageToken, signal) => {
      const page = await rentals.listRentals({ pageToken, userId, reservationId, status: status.code }, { signal });
      return { items: page.rentals, nextPageToken: page.nextPageToken };
    },
    [userId, reservationId, status],
  );
  return (
    <Page
      title="Allocations"
      lead="For every reservation a car is set aside by itself, through an event. Complete a use when the car is back."
    >
      <Filters
        place="/app/manage/allocations"
        texts={[
          { name: 'user', label: 'User id', value: userId },
          { name: 'reservation', label: 'Reservation id', value: reservationId },
        ]}
        status={status.value}
        statuses={statuses}
        found={pages.items?.length}
      />
      <ListTable
        pages={pages}
        caption="Allocations"
        columns={['Customer', 'Reservation', 'Set aside', 'Changed', 'Status', 'Action']}
        row={(each) => <Row key={each.rentalId} rental={each} onComplete={() => setCompleting(each)} />}
        empty={<NoAllocation filtered={userId !== '' || reservationId !== '' || status.value !== ''} />}
      />
      {completing !== undefined && (
        <CompleteDialog
          rental={completing}
          onClose={() => setCompleting(undefined)}
          onCompleted={(completed) => {
            setCompleting(undefined);
            pages.replace(({ rentalId }) => rentalId === completed.rentalId, completed);
          }}
        />
      )}
    </Page>
  );
}

const tones: Readonly<Record<Rental_Status, Tone>> = {
  [Rental_Status.STATUS_UNSPECIFIED]: 'waiting',
  [Rental_Status.ALLOCATED]: 'good',
  [Rental_Status.CANCELLED]: 'off',
  [Rental_Status.COMPLETED]: 'over',
};

function Row({ rental, onComplete }: { rental: Rental; onComplete: () => void }) {
  const { reservationId, userId, createTime, updateTime, status } = rental;
  const row = useRef<HTMLTableRowElement>(null);
  useFocusKept(row, status);
  return (
    <tr ref={row} tabIndex={-1}>
      <th scope="row">{userId}</th>
      <td data-label="Reservation">
        <a href={`/app/reservations/${reservationId}`}>
          <code title={reservationId}>{reservationId.slice(0, 8)}…</code>
        </a>
      </td>
      <td data-label="Set aside">{moment(createTime)}</td>
      <td data-label="Changed">{moment(updateTime)}</td>
      <td data-label="Status">
        <Status tone={tones[status] ?? 'waiting'}>{statuses.find(({ code }) => code === status)?.name ?? 'Not known'}</Status>
      </td>
      <td>
        {status === Rental_Status.ALLOCATED && (
          <button type="button" aria-haspopup="dialog" onClick={onComplete}>
            Complete<span class="unseen"> the use of {userId}</span>
          </button>
        )}
      </td>
    </tr>
  );
}

function NoAllocation({ filtered }: { filtered: boolean }) {
  if (filtered)
    return (
      <Empty icon="car" title="No allocation is like this">
        <p>Ids have to be whole. Take away a filter to see more.</p>
      </Empty>
    );
  return (
    <Empty icon="car" title="No car is set aside">
      <p>
        An allocation cannot be made by hand: it follows from a reservation. <a href="/app/">Reserve a car</a>, and it appears here within a
        second, or later if the rental service is stopped:
      </p>
      <Command>npm run service -- stop rental-1</Command>
    </Empty>
  );
}
