import { usePages } from '../../../api/use-pages.ts';
import { Page } from '../../../shell/page.tsx';
import { CreateForm } from '../../../ui/create-form.tsx';
import { Empty } from '../../../ui/empty.tsx';
import { moment } from '../../../ui/format.ts';
import { ListTable } from '../../../ui/list-table.tsx';
import { Status } from '../../../ui/status.tsx';
import { books } from '../clients.ts';
import { icon } from '../icon.ts';
import { at } from '../paths.ts';
import { wordOfBook } from '../statuses.ts';

/** The books and where they are, and the form that registers one. */
export function ManageBooksPage() {
  const pages = usePages(async (pageToken, signal) => {
    const page = await books.listBooks({ pageToken }, { signal });
    return { items: page.books, nextPageToken: page.nextPageToken };
  }, []);
  return (
    <Page title="Register" lead="The status of a book follows reserves and rentals by events.">
      <CreateForm
        title="Register a book"
        fields={[{ name: 'bookNm', label: 'Name', maxLength: 100, required: true, pattern: '.*\\S.*', autocomplete: 'off' }]}
        act="Register"
        busyAct="Registering…"
        create={async ({ bookNm = '' }, options) => (await books.registerBook({ bookNm }, options)).book}
        done={(book) => {
          pages.reload();
          return `${book?.bookNm} is registered.`;
        }}
      />
      <ListTable
        pages={pages}
        caption="Books, oldest first"
        showsCaption
        columns={['Name', 'Id', 'Changed', 'Status', 'More']}
        row={({ bookId, bookNm, updateTime, status }) => (
          <tr key={bookId}>
            <th scope="row">{bookNm}</th>
            <td data-label="Id">
              <code title={bookId}>{bookId.slice(0, 8)}…</code>
            </td>
            <td data-label="Changed">{moment(updateTime)}</td>
            <td data-label="Status">
              <Status tone={wordOfBook(status).tone}>{wordOfBook(status).name}</Status>
            </td>
            <td>
              <a href={at(`librarian/rentals?book=${bookId}`)}>
                Rentals<span class="unseen"> of {bookNm}</span>
              </a>
            </td>
          </tr>
        )}
        empty={<Empty icon={icon} title="The library has no books yet" />}
      />
    </Page>
  );
}
