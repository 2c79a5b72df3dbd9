import { usePages } from '../../../api/use-pages.ts';
import { Page } from '../../../shell/page.tsx';
import { Empty } from '../../../ui/empty.tsx';
import { moment } from '../../../ui/format.ts';
import { ListTable } from '../../../ui/list-table.tsx';
import { Status } from '../../../ui/status.tsx';
import { desk } from '../clients.ts';
import { at } from '../paths.ts';
import { wordOfReserve } from '../statuses.ts';

/** All reserves. */
export function ReservesPage() {
  const pages = usePages(async (pageToken, signal) => {
    const page = await desk.listReserves({ pageToken }, { signal });
    return { items: page.reserves, nextPageToken: page.nextPageToken };
  }, []);
  return (
    <Page title="Reserves" lead="A rental needs an active reserve of its member.">
      <ListTable
        pages={pages}
        caption="Reserves"
        columns={['Member', 'Book', 'Made', 'Changed', 'Status']}
        row={({ reserveId, userNm, bookNm, createTime, updateTime, status }) => (
          <tr key={reserveId}>
            <th scope="row">
              <a href={at(`mine/${reserveId}`)}>{userNm}</a>
            </th>
            <td data-label="Book">{bookNm}</td>
            <td data-label="Made">{moment(createTime)}</td>
            <td data-label="Changed">{moment(updateTime)}</td>
            <td data-label="Status">
              <Status tone={wordOfReserve(status).tone}>{wordOfReserve(status).name}</Status>
            </td>
          </tr>
        )}
        empty={
          <Empty icon="clock" title="There are no reserves">
            <p>
              <a href={at()}>Reserve a book</a> as a member.
            </p>
          </Empty>
        }
      />
    </Page>
  );
}
