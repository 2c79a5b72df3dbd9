import { usePages } from '../../../api/use-pages.ts';
import { Page } from '../../../shell/page.tsx';
import { Empty } from '../../../ui/empty.tsx';
import { moment } from '../../../ui/format.ts';
import { ListTable } from '../../../ui/list-table.tsx';
import { desk } from '../clients.ts';
import { at } from '../paths.ts';

/** All returns. */
export function ReturnsPage() {
  const pages = usePages(async (pageToken, signal) => {
    const page = await desk.listReturns({ pageToken }, { signal });
    return { items: page.returns, nextPageToken: page.nextPageToken };
  }, []);
  return (
    <Page title="Returns" lead="One return for each rental, recorded before the rental ends.">
      <ListTable
        pages={pages}
        caption="Returns"
        columns={['Member', 'Book', 'Returned', 'Rental']}
        row={({ returnId, rentalId, userNm, bookNm, createTime }) => (
          <tr key={returnId}>
            <th scope="row">{userNm}</th>
            <td data-label="Book">{bookNm}</td>
            <td data-label="Returned">{moment(createTime)}</td>
            <td data-label="Rental">
              <code title={rentalId}>{rentalId.slice(0, 8)}…</code>
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
      />
    </Page>
  );
}
