import { Page } from '../../../shell/page.tsx';
import { noStatuses } from '../../../ui/choices.ts';
import { Empty } from '../../../ui/empty.tsx';
import { EntityList } from '../../../ui/entity-list.tsx';
import { moment } from '../../../ui/format.ts';
import { Status } from '../../../ui/status.tsx';
import { TableRow } from '../../../ui/table-row.tsx';
import { desk } from '../clients.ts';
import { at } from '../paths.ts';
import { wordOfReserve } from '../statuses.ts';

/** All reserves, by member and book. */
export function ReservesPage() {
  return (
    <Page title="Reserves" lead="A rental needs an active reserve of its member.">
      <EntityList
        place={at('librarian/reserves')}
        caption="Reserves"
        icon="clock"
        texts={{ member: 'Member', book: 'Book id' }}
        statuses={noStatuses}
        load={async ({ pageToken, texts }, signal) => {
          const request = { pageToken, userNm: texts.member ?? '', bookId: texts.book ?? '' };
          const page = await desk.listReserves(request, { signal });
          return { items: page.reserves, nextPageToken: page.nextPageToken };
        }}
        columns={['Member', 'Book', 'Made', 'Changed', 'Status']}
        row={({ reserveId, userNm, bookNm, createTime, updateTime, status }) => (
          <TableRow key={reserveId} status={status}>
            <th scope="row">
              <a href={at(`mine/${reserveId}`)}>{userNm}</a>
            </th>
            <td data-label="Book">{bookNm}</td>
            <td data-label="Made">{moment(createTime)}</td>
            <td data-label="Changed">{moment(updateTime)}</td>
            <td data-label="Status">
              <Status tone={wordOfReserve(status).tone}>{wordOfReserve(status).name}</Status>
            </td>
          </TableRow>
        )}
        empty={
          <Empty icon="clock" title="There are no reserves">
            <p>
              <a href={at()}>Reserve a book</a> as a member.
            </p>
          </Empty>
        }
        noMatch="No reserve is like this"
      />
    </Page>
  );
}
