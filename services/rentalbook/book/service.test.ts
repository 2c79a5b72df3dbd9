import { status } from '@grpc/grpc-js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Store } from '#kit/postgres/store.ts';
import { callContext } from '#kit/testing/call-context.ts';
import { MemoryDatabase } from '#kit/testing/memory-database.ts';
import { Book_Status, ListBooksRequest } from '#proto/rentalbook/book/v1/book.ts';
import { BookAdded } from '#proto/rentalbook/book/v1/events.ts';
import { Checked, ReturnedBook, Subscribed, SubscriptionCancelled } from '#proto/rentalbook/system/v1/events.ts';
import { bookHandlers } from './handlers.ts';
import { bookService } from './service.ts';
import { bookTable } from './store.ts';

const { IN_STOCK, BOOKING, ON_RENTAL } = Book_Status;

function setUp() {
  const database = new MemoryDatabase([bookTable]);
  const books = new Store(database, bookTable);
  const service = bookService(books);
  const handlers = bookHandlers(books);
  const register = async (bookNm: string, idempotencyKey?: string) =>
    (await service.registerBook({ bookNm }, callContext(idempotencyKey === undefined ? {} : { idempotencyKey }))).book ??
    expect.unreachable();
  const statusOf = async (bookId: string) => (await service.getBook({ bookId }, callContext())).book?.status;
  return { database, service, handlers, register, statusOf };
}

describe('registering a book', () => {
  it('happens once per idempotency key', async () => {
    const { database, register } = setUp();
    const book = await register('apple', 'key');
    expect(book).toMatchObject({ bookNm: 'apple', status: IN_STOCK });
    expect(await register('apple', 'key')).toEqual(book);
    expect(database.eventsOf(BookAdded)).toMatchObject([{ bookId: book.bookId, bookNm: 'apple' }]);
    await expect(register('pear', 'key')).rejects.toMatchObject({ code: status.ALREADY_EXISTS, reason: 'IDEMPOTENCY_KEY_REUSED' });
  });
});

describe('the status of a book', () => {
  /** Two members reserve, one rents and returns, the other cancels. */
  const reports = [
    { type: Subscribed, activeReserves: 1, onRental: false, status: BOOKING },
    { type: Subscribed, activeReserves: 2, onRental: false, status: BOOKING },
    { type: Checked, activeReserves: 1, onRental: true, status: ON_RENTAL },
    { type: ReturnedBook, activeReserves: 1, onRental: false, status: BOOKING },
    { type: SubscriptionCancelled, activeReserves: 0, onRental: false, status: IN_STOCK },
  ].map((report, index) => ({ ...report, version: index + 1 }));

  it('is that of the newest event, in every order of arrival', async () => {
    const orders = fc.shuffledSubarray([...reports, ...reports], { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(orders, async (arriving) => {
        const { database, handlers, register, statusOf } = setUp();
        const { bookId } = await register('apple');
        for (const { type, activeReserves, onRental, version } of arriving) {
          // Each type has these fields.
          const event = type.fromPartial({ bookId, activeReserves, onRental, version }) as never;
          await database.deliver(handlers, type as typeof Subscribed, event);
        }
        const newest = Math.max(...arriving.map(({ version }) => version));
        expect(await statusOf(bookId)).toBe(reports[newest - 1]?.status);
      }),
    );
  });

  it('filters lists', async () => {
    const { database, service, handlers, register } = setUp();
    const [reserved, free] = [await register('apple'), await register('apple')];
    await register('pear');
    const event = Subscribed.fromPartial({ bookId: reserved.bookId, activeReserves: 1, version: 1 });
    await database.deliver(handlers, Subscribed, event);
    const list = async (status: Book_Status) =>
      (await service.listBooks(ListBooksRequest.fromPartial({ bookNm: 'apple', status }), callContext())).books.map(({ bookId }) => bookId);
    expect(await list(IN_STOCK)).toEqual([free.bookId]);
    expect(await list(BOOKING)).toEqual([reserved.bookId]);
  });

  it('ignores books that are not registered', async () => {
    const { database, handlers } = setUp();
    await database.deliver(handlers, Subscribed, Subscribed.fromPartial({ bookId: '0190f5c4-7b1e-7c3a-8f00-3a6d3b1c2d4e', version: 1 }));
    expect(database.events).toEqual([]);
  });
});
