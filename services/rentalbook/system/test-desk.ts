import { Store } from '#kit/postgres/store.ts';
import { callContext } from '#kit/testing/call-context.ts';
import { MemoryDatabase } from '#kit/testing/memory-database.ts';
import { Rented } from '#proto/rentalbook/rental/v1/events.ts';
import { Checked, CheckFailed, ReturnedBook, Subscribed, SubscriptionCancelled } from '#proto/rentalbook/system/v1/events.ts';
import { ListReservesRequest, ListReturnsRequest } from '#proto/rentalbook/system/v1/system.ts';
import { Desk } from './desk.ts';
import { returnsOf } from './returns.ts';
import { systemService } from './service.ts';
import { ACTIVE_RESERVES, checkTable, circulationTable, reserveTable, returnTable } from './store.ts';

/** The system service on a database in memory, with what tests do with it. */
export function systemInMemory(statusText = 'Booking') {
  const tables = [reserveTable, circulationTable, checkTable, returnTable];
  const database = new MemoryDatabase(tables, {
    statements: {
      [ACTIVE_RESERVES]: ([bookIds, userNms], stored) => {
        const members = new Set((bookIds as string[]).map((bookId, index) => `${bookId} ${(userNms as string[])[index]}`));
        const rows = [...(stored.get(reserveTable.name)?.values() ?? [])];
        return rows.filter(({ status, bookId, userNm }) => status === 'ACTIVE' && members.has(`${bookId} ${userNm}`));
      },
    },
  });
  const [reserves, returns] = [new Store(database, reserveTable), new Store(database, returnTable)];
  const desk = new Desk(database, statusText);
  const service = systemService(desk, reserves, returns, returnsOf(returns));
  return {
    database,
    async reserve(bookId: string, userNm: string, { bookNm = 'apple', idempotencyKey }: { bookNm?: string; idempotencyKey?: string } = {}) {
      const { reserve } = await service.reserveBook(
        { bookId, bookNm, userNm },
        callContext(idempotencyKey === undefined ? {} : { idempotencyKey }),
      );
      if (reserve === undefined) throw new Error('no reserve was answered');
      return reserve;
    },
    cancel: async (reserveId: string) => (await service.cancelReserve({ reserveId }, callContext())).reserve,
    rent: (bookId: string, userNm: string, rentalId: string) =>
      database.deliver(desk.handlers(), Rented, { rentalId, bookId, bookNm: 'apple', userNm, requestTime: new Date(), version: 1 }),
    giveBack: (bookId: string, rentalId: string) => service.returnBook({ bookId, rentalId }, callContext()),
    reserves: async () => (await service.listReserves(ListReservesRequest.fromPartial({ pageSize: 100 }), callContext())).reserves,
    returns: async () => (await service.listReturns(ListReturnsRequest.fromPartial({ pageSize: 100 }), callContext())).returns,
    passed: () => database.eventsOf(Checked),
    failed: () => database.eventsOf(CheckFailed),
    /** All events about a book, in their order. */
    reports: () => {
      const types = [Subscribed, SubscriptionCancelled, Checked, ReturnedBook];
      return database.events.flatMap(({ type, value }) => types.find(({ $type }) => $type === type)?.decode(value) ?? []);
    },
  };
}
