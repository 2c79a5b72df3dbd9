import { type Rental, Rental_Status } from '#proto/es/rentcar/rental/v1/rental_pb.ts';
import { Page } from '../../../shell/page.tsx';
import { choices } from '../../../ui/choices.ts';
import { Command } from '../../../ui/command.tsx';
import { Empty } from '../../../ui/empty.tsx';
import { EntityList } from '../../../ui/entity-list.tsx';
import { moment } from '../../../ui/format.ts';
import { RowAction } from '../../../ui/row-action.tsx';
import { ShortId } from '../../../ui/short-id.tsx';
import { Status } from '../../../ui/status.tsx';
import { TableRow } from '../../../ui/table-row.tsx';
import { rentals } from '../clients.ts';
import { icon } from '../icon.ts';
import { at } from '../paths.ts';
import { wordOfRental } from '../statuses.ts';
import { CompleteDialog } from './complete-dialog.tsx';

const statuses = choices(Rental_Status.STATUS_UNSPECIFIED, {
  ALLOCATED: [Rental_Status.ALLOCATED, 'Set aside'],
  CANCELLED: [Rental_Status.CANCELLED, 'Cancelled'],
  COMPLETED: [Rental_Status.COMPLETED, 'Completed'],
});

/** Cars set aside for reservations, and the button for a car that came back. */
export function AllocationsPage() {
  return (
    <Page title="Allocations" lead="An event sets a car aside for every reservation. Complete the use when the car is back.">
      <EntityList
        place={at('manage/allocations')}
        caption="Allocations"
        icon={icon}
        texts={{ user: 'User id', reservation: 'Reservation id' }}
        statuses={statuses}
        load={async ({ pageToken, texts, status }, signal) => {
          const request = { pageToken, status, userId: texts.user ?? '', reservationId: texts.reservation ?? '' };
          const page = await rentals.listRentals(request, { signal });
          return { items: page.rentals, nextPageToken: page.nextPageToken };
        }}
        columns={['Customer', 'Reservation', 'Set aside', 'Changed', 'Status', 'Action']}
        row={(each, pages) => (
          <Row
            key={each.rentalId}
            rental={each}
            onCompleted={(completed) => pages.replace(({ rentalId }) => rentalId === completed.rentalId, completed)}
          />
        )}
        empty={<NoAllocation />}
        noMatch="No allocation is like this"
      />
    </Page>
  );
}

function Row({ rental, onCompleted }: { rental: Rental; onCompleted: (rental: Rental) => void }) {
  const { reservationId, userId, createTime, updateTime, status } = rental;
  const word = wordOfRental(status);
  return (
    <TableRow status={status}>
      <th scope="row">{userId}</th>
      <td data-label="Reservation">
        <a href={at(`reservations/${reservationId}`)}>
          <ShortId id={reservationId} />
        </a>
      </td>
      <td data-label="Set aside">{moment(createTime)}</td>
      <td data-label="Changed">{moment(updateTime)}</td>
      <td data-label="Status">
        <Status tone={word.tone}>{word.name}</Status>
      </td>
      <td>
        {status === Rental_Status.ALLOCATED && (
          <RowAction<Rental>
            name="Complete"
            of={`the use of ${userId}`}
            dialog={({ onClose, done }) => <CompleteDialog rental={rental} onClose={onClose} onCompleted={done} />}
            onDone={onCompleted}
          />
        )}
      </td>
    </TableRow>
  );
}

function NoAllocation() {
  return (
    <Empty icon={icon} title="No car is set aside">
      <p>
        Allocations follow from reservations: <a href={at()}>reserve a car</a>. The allocation appears within a second, or later if the
        rental service is stopped:
      </p>
      <Command>npm run service -- stop rental-1</Command>
    </Empty>
  );
}
