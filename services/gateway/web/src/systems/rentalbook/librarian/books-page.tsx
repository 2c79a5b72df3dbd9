import { Book_Status } from '#proto/es/rentalbook/book/v1/book_pb.ts';
import { Page } from '../../../shell/page.tsx';
import { choices } from '../../../ui/choices.ts';
import { CreateForm } from '../../../ui/create-form.tsx';
import { Empty } from '../../../ui/empty.tsx';
import { EntityList } from '../../../ui/entity-list.tsx';
import { moment } from '../../../ui/format.ts';
import { ShortId } from '../../../ui/short-id.tsx';
import { Status } from '../../../ui/status.tsx';
import { TableRow } from '../../../ui/table-row.tsx';
import { books } from '../clients.ts';
import { icon } from '../icon.ts';
import { at } from '../paths.ts';
import { wordOfBook } from '../statuses.ts';

const statuses = choices(Book_Status.STATUS_UNSPECIFIED, {
  IN_STOCK: [Book_Status.IN_STOCK, 'In stock'],
  BOOKING: [Book_Status.BOOKING, 'Reserved'],
  ON_RENTAL: [Book_Status.ON_RENTAL, 'On rental'],
});

/** The books and where they are, by name and status, and the form that registers one. */
export function ManageBooksPage() {
  return (
    <Page title="Register" lead="The status of a book follows reserves and rentals by events.">
      <EntityList
        place={at('librarian')}
        caption="Books, oldest first"
        icon={icon}
        texts={{ name: 'Book name' }}
        statuses={statuses}
        load={async ({ pageToken, texts, status }, signal) => {
          const page = await books.listBooks({ pageToken, status, bookNm: texts.name ?? '' }, { signal });
          return { items: page.books, nextPageToken: page.nextPageToken };
        }}
        above={(pages) => <RegisterForm onRegistered={pages.reload} />}
        columns={['Name', 'Id', 'Changed', 'Status', 'More']}
        row={({ bookId, bookNm, updateTime, status }) => (
          <TableRow key={bookId} status={status}>
            <th scope="row">{bookNm}</th>
            <td data-label="Id">
              <ShortId id={bookId} />
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
          </TableRow>
        )}
        empty={<Empty icon={icon} title="The library has no books yet" />}
        noMatch="No book is like this"
      />
    </Page>
  );
}

function RegisterForm({ onRegistered }: { onRegistered: () => void }) {
  return (
    <CreateForm
      title="Register a book"
      fields={[{ name: 'bookNm', label: 'Name', maxLength: 100, required: true, pattern: '.*\\S.*', autocomplete: 'off' }]}
      act="Register"
      busyAct="Registering…"
      create={async ({ bookNm = '' }, options) => (await books.registerBook({ bookNm }, options)).book}
      done={(book) => {
        onRegistered();
        return `${book?.bookNm} is registered.`;
      }}
    />
  );
}
