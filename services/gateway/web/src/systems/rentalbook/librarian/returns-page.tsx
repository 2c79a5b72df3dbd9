import { Page } from '../../../shell/page.tsx';
import { noStatuses } from '../../../ui/choices.ts';
import { Empty } from '../../../ui/empty.tsx';
import { EntityList } from '../../../ui/entity-list.tsx';
import { moment } from '../../../ui/format.ts';
import { ShortId } from '../../../ui/short-id.tsx';
import { desk } from '../clients.ts';
import { at } from '../paths.ts';

/** All returns, by member and book. */
export function ReturnsPage() {
  return (
    <Page title="Returns" lead="One return for each rental, recorded before the rental ends.">
      <EntityList
        place={at('librarian/returns')}
        caption="Returns"
        icon="clock"
        texts={{ member: 'Member', book: 'Book id' }}
        statuses={noStatuses}
        load={async ({ pageToken, texts }, signal) => {
          const request = { pageToken, userNm: texts.member ?? '', bookId: texts.book ?? '' };
          const page = await desk.listReturns(request, { signal });
          return { items: page.returns, nextPageToken: page.nextPageToken };
        }}
        columns={['Member', 'Book', 'Returned', 'Rental']}
        row={({ returnId, rentalId, userNm, bookNm, createTime }) => (
          <tr key={returnId}>
            <th scope="row">{userNm}</th>
            <td data-label="Book">{bookNm}</td>
            <td data-label="Returned">{moment(createTime)}</td>
            <td data-label="Rental">
              <ShortId id={rentalId} />
            </td>
          </tr>
        )}
        empty={
          <Empty icon="clock" title="There are no returns">
            <p>
              <a href={at()}>Reserve a book</a> as a member, rent it, and return it.
            </p>
          </Empty>
        }
        noMatch="No return is like this"
      />
    </Page>
  );
}
