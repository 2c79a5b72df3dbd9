import type { Store } from '#kit/postgres/store.ts';
import { createOnce, get, list } from '#kit/rpc/resource.ts';
import type { Handlers } from '#kit/rpc/server.ts';
import type { BookServiceService } from '#proto/rentalbook/book/v1/book.ts';
import { register } from './domain.ts';
import type { bookTable } from './store.ts';

/** Answers the calls of rentalbook.book.v1.BookService. */
export function bookService(books: Store<typeof bookTable>): Handlers<typeof BookServiceService> {
  return {
    registerBook: async (request, context) => ({
      book: await createOnce(books, context, { create: (bookId) => register(bookId, request) }),
    }),
    getBook: async ({ bookId }, context) => ({ book: await get(books, bookId, context) }),
    listBooks: (request, context) => list(books, request, context),
  };
}
