import { Rental_Status } from '#proto/es/rentalbook/rental/v1/rental_pb.ts';
import { Page } from '../../../shell/page.tsx';
import { choices } from '../../../ui/choices.ts';
import { Empty } from '../../../ui/empty.tsx';
import { EntityList } from '../../../ui/entity-list.tsx';
import { moment } from '../../../ui/format.ts';
import { Status } from '../../../ui/status.tsx';
import { TableRow } from '../../../ui/table-row.tsx';
import { rentals } from '../clients.ts';
import { at } from '../paths.ts';
import { reasonWords, wordOfRental } from '../statuses.ts';

const statuses = choices(Rental_Status.STATUS_UNSPECIFIED, {
  REQUESTED: [Rental_Status.REQUESTED, 'Requested'],
  CONFIRMED: [Rental_Status.CONFIRMED, 'Confirmed'],
  REJECTED: [Rental_Status.REJECTED, 'Rejected'],
  RETURNED: [Rental_Status.RETURNED, 'Returned'],
});

/** All rentals, by member, book and status. */
export function RentalsPage() {
  return (
    <Page title="Rentals" lead="Every request for a book, and what became of it.">
      <EntityList
        place={at('librarian/rentals')}
        caption="Rentals"
        icon="clock"
        texts={{ member: 'Member', book: 'Book id' }}
        statuses={statuses}
        load={async ({ pageToken, texts, status }, signal) => {
          const request = { pageToken, status, userNm: texts.member ?? '', bookId: texts.book ?? '' };
          const page = await rentals.listRentals(request, { signal });
          return { items: page.rentals, nextPageToken: page.nextPageToken };
        }}
        columns={['Member', 'Book', 'Made', 'Changed', 'Status', 'Why']}
        row={({ rentalId, userNm, bookNm, createTime, updateTime, status, reason }) => (
          <TableRow key={rentalId} status={status}>
            <th scope="row">{userNm}</th>
            <td data-label="Book">{bookNm}</td>
            <td data-label="Made">{moment(createTime)}</td>
            <td data-label="Changed">{moment(updateTime)}</td>
            <td data-label="Status">
              <Status tone={wordOfRental(status).tone}>{wordOfRental(status).name}</Status>
            </td>
            <td data-label="Why">{reasonWords(reason)}</td>
          </TableRow>
        )}
        empty={
          <Empty icon="clock" title="There are no rentals">
            <p>
              <a href={at()}>Reserve a book</a> as a member, and rent it.
            </p>
          </Empty>
        }
        noMatch="No rental is like this"
      />
    </Page>
  );
}
