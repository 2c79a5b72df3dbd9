import { useState } from 'preact/hooks';
import type { Book } from '#proto/es/rentalbook/book/v1/book_pb.ts';
import { usePages } from '../../../api/use-pages.ts';
import { Page } from '../../../shell/page.tsx';
import { Empty } from '../../../ui/empty.tsx';
import { Icon } from '../../../ui/icon.tsx';
import { More } from '../../../ui/more.tsx';
import { Status } from '../../../ui/status.tsx';
import { books } from '../clients.ts';
import { icon } from '../icon.ts';
import { at } from '../paths.ts';
import { wordOfBook } from '../statuses.ts';
import { ReserveDialog } from './reserve-dialog.tsx';

/** The books, to reserve. */
export function BooksPage() {
  const [chosen, setChosen] = useState<Book>();
  const pages = usePages(async (pageToken, signal) => {
    const page = await books.listBooks({ pageToken }, { signal });
    return { items: page.books, nextPageToken: page.nextPageToken };
  }, []);
  return (
    <Page title="Books" lead="Reserve a book, then rent it. You can reserve a book that another member has.">
      <ul class="cards" aria-busy={pages.busy} aria-label="Books">
        {pages.items?.map((book) => (
          <li key={book.bookId} class="card">
            <Icon name={icon} />
            <h2>{book.bookNm}</h2>
            <p class="body">
              <Status tone={wordOfBook(book.status).tone}>{wordOfBook(book.status).name}</Status>
            </p>
            <button type="button" class="act primary" aria-haspopup="dialog" onClick={() => setChosen(book)}>
              Reserve<span class="unseen"> {book.bookNm}</span>
            </button>
          </li>
        ))}
      </ul>
      {pages.items?.length === 0 && (
        <Empty icon={icon} title="The library has no books yet">
          <p>
            <a href={at('librarian')}>Register a book</a> as the librarian.
          </p>
        </Empty>
      )}
      <More pages={pages} />
      {chosen !== undefined && <ReserveDialog book={chosen} onClose={() => setChosen(undefined)} />}
    </Page>
  );
}
