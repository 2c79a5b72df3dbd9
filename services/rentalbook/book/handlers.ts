import type { EventHandler } from '#kit/events/events.ts';
import type { Store } from '#kit/postgres/store.ts';
import { Checked, ReturnedBook, Subscribed, SubscriptionCancelled } from '#proto/rentalbook/system/v1/events.ts';
import { type BookReport, follow } from './domain.ts';
import type { bookTable } from './store.ts';

/** Event handlers of the book service. Reports about books that the service does not know change nothing. */
export function bookHandlers(books: Store<typeof bookTable>): EventHandler[] {
  const changeOf = (report: BookReport & { readonly bookId: string }) => ({
    id: report.bookId,
    rule: (book: Parameters<typeof follow>[0]) => follow(book, report),
  });
  return [
    books.on(Subscribed, changeOf),
    books.on(SubscriptionCancelled, changeOf),
    books.on(Checked, changeOf),
    books.on(ReturnedBook, changeOf),
  ];
}
