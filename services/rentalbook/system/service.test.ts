import { randomUUID } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Store } from '#kit/postgres/store.ts';
import { callContext } from '#kit/testing/call-context.ts';
import { MemoryDatabase } from '#kit/testing/memory-database.ts';
import { Rented } from '#proto/rentalbook/rental/v1/events.ts';
import { Checked, CheckFailed, ReturnedBook, Subscribed, SubscriptionCancelled } from '#proto/rentalbook/system/v1/events.ts';
import { ListReservesRequest, ListReturnsRequest, Reserve_Status } from '#proto/rentalbook/system/v1/system.ts';
import { Desk } from './desk.ts';
import { returnsOf } from './returns.ts';
import { systemService } from './service.ts';
import { ACTIVE_RESERVES, checkTable, circulationTable, reserveTable, returnTable } from './store.ts';

const { ACTIVE, USED, CANCELLED } = Reserve_Status;

/** The system service on a database in memory, with what tests do with it. */
function systemInMemory(statusText = 'Booking') {
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
    desk,
    async reserve(bookId: string, userNm: string, { bookNm = 'apple', ...call }: { bookNm?: string; idempotencyKey?: string } = {}) {
      const { reserve } = await service.reserveBook({ bookId, bookNm, userNm }, callContext({ ...call, actingUser: userNm }));
      return reserve ?? expect.unreachable();
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

describe('a reserve', () => {
  it('is made once per idempotency key, also by calls at the same moment', async () => {
    const { database, reserve } = systemInMemory('Process in Booking');
    const bookId = randomUUID();
    const answers = await Promise.all([1, 2, 3].map(() => reserve(bookId, 'melon', { idempotencyKey: 'key' })));
    expect(new Set(answers.map(({ reserveId }) => reserveId)).size).toBe(1);
    expect(database.eventsOf(Subscribed)).toMatchObject([{ bookId, statusText: 'Process in Booking', activeReserves: 1, onRental: false }]);
    const other = reserve(bookId, 'melon', { idempotencyKey: 'key', bookNm: 'pear' });
    await expect(other).rejects.toMatchObject({ code: status.ALREADY_EXISTS, reason: 'IDEMPOTENCY_KEY_REUSED' });
  });

  it('is answered again as long as it is ACTIVE', async () => {
    const { database, reserve, cancel } = systemInMemory();
    const bookId = randomUUID();
    const first = await reserve(bookId, 'melon');
    expect(await reserve(bookId, 'melon')).toEqual(first);
    await cancel(first.reserveId);
    expect(await reserve(bookId, 'melon')).not.toMatchObject({ reserveId: first.reserveId });
    expect(database.eventsOf(Subscribed)).toHaveLength(2);
  });

  it('is answered to a member who reserves again in the transaction that cancels it', async () => {
    const { desk, reserve } = systemInMemory();
    const request = { bookId: randomUUID(), bookNm: 'apple', userNm: 'melon' };
    const first = await reserve(request.bookId, 'melon');
    const steps = [desk.reserve(randomUUID(), request), desk.cancel({ ...first, status: 'ACTIVE' })];
    expect(await Promise.all(steps)).toMatchObject([{ reserveId: first.reserveId }, { reserveId: first.reserveId, status: 'CANCELLED' }]);
  });

  it('is cancelled once, and not when it is used', async () => {
    const { database, reserve, cancel, rent } = systemInMemory();
    const bookId = randomUUID();
    const { reserveId } = await reserve(bookId, 'melon');
    for (let calls = 0; calls < 2; calls++) expect(await cancel(reserveId)).toMatchObject({ reserveId, status: CANCELLED });
    expect(database.eventsOf(SubscriptionCancelled)).toMatchObject([{ reserveId, activeReserves: 0 }]);
    const used = await reserve(bookId, 'melon');
    await rent(bookId, 'melon', randomUUID());
    await expect(cancel(used.reserveId)).rejects.toMatchObject({ code: status.FAILED_PRECONDITION, reason: 'NOT_CANCELLABLE' });
    await expect(cancel(randomUUID())).rejects.toMatchObject({ code: status.NOT_FOUND, reason: 'RESERVE_NOT_FOUND' });
  });
});

describe('a rental', () => {
  it('passes the check once, however often its event arrives', async () => {
    const { reserve, rent, giveBack, reserves, passed, failed } = systemInMemory();
    const [bookId, rentalId] = [randomUUID(), randomUUID()];
    const { reserveId } = await reserve(bookId, 'melon');
    await rent(bookId, 'melon', rentalId);
    await rent(bookId, 'melon', rentalId);
    await giveBack(bookId, rentalId);
    await reserve(bookId, 'melon');
    await rent(bookId, 'melon', rentalId);
    expect(passed()).toMatchObject([{ rentalId, reserveId, onRental: true, activeReserves: 0 }]);
    expect(failed()).toEqual([]);
    expect((await reserves()).map((each) => each.status)).toEqual([USED, ACTIVE]);
  });

  it('fails without a reserve, and stays failed when the member reserves later', async () => {
    const { reserve, rent, passed, failed } = systemInMemory();
    const [bookId, rentalId] = [randomUUID(), randomUUID()];
    await reserve(bookId, 'berry');
    await rent(bookId, 'melon', rentalId);
    await reserve(bookId, 'melon');
    await rent(bookId, 'melon', rentalId);
    expect(failed()).toMatchObject([{ rentalId, userNm: 'melon', reason: 'NOT_RESERVED' }]);
    expect(passed()).toEqual([]);
  });

  it('fails while another member has the book, and keeps the reserve', async () => {
    const { reserve, rent, giveBack, reserves, passed, failed } = systemInMemory();
    const [bookId, first, second, third] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    await Promise.all([reserve(bookId, 'melon'), reserve(bookId, 'berry')]);
    await rent(bookId, 'melon', first);
    await rent(bookId, 'berry', second);
    expect(failed()).toMatchObject([{ rentalId: second, reason: 'ALREADY_RENTED' }]);
    await giveBack(bookId, first);
    await rent(bookId, 'berry', third);
    expect(passed().map(({ rentalId }) => rentalId)).toEqual([first, third]);
    expect((await reserves()).map((each) => each.status)).toEqual([USED, USED]);
  });
});

describe('a return', () => {
  it('is recorded once per rental, with the book and the member', async () => {
    const { database, reserve, rent, giveBack, returns } = systemInMemory();
    const [bookId, rentalId] = [randomUUID(), randomUUID()];
    const { reserveId } = await reserve(bookId, 'melon');
    await rent(bookId, 'melon', rentalId);
    const answers = [await giveBack(bookId, rentalId), await giveBack(bookId, rentalId)];
    const [first] = await returns();
    expect(answers).toEqual([{ returnId: first?.returnId }, { returnId: first?.returnId }]);
    expect(await returns()).toMatchObject([{ rentalId, bookId, bookNm: 'apple', userNm: 'melon' }]);
    expect(database.eventsOf(ReturnedBook)).toMatchObject([{ rentalId, reserveId, bookId, userNm: 'melon', onRental: false }]);
  });

  it('is refused for a rental that does not have the book', async () => {
    const { reserve, rent, giveBack, returns } = systemInMemory();
    const [bookId, otherId, rentalId] = [randomUUID(), randomUUID(), randomUUID()];
    const notRented = { code: status.FAILED_PRECONDITION, reason: 'NOT_RENTED' };
    await expect(giveBack(bookId, rentalId)).rejects.toMatchObject(notRented);
    await reserve(bookId, 'melon');
    await rent(bookId, 'melon', rentalId);
    await expect(giveBack(bookId, randomUUID())).rejects.toMatchObject(notRented);
    expect(await returns()).toEqual([]);
    await giveBack(bookId, rentalId);
    await expect(giveBack(otherId, rentalId)).rejects.toMatchObject({ code: status.ALREADY_EXISTS, reason: 'RETURN_OF_OTHER_BOOK' });
  });
});

describe('a book', () => {
  const member = fc.constantFrom('melon', 'berry', 'plum');
  const steps = fc.array(fc.tuple(fc.constantFrom('reserve', 'cancel', 'rent', 'return'), member), { maxLength: 30 });

  it('is with one member at most, and its last event tells of all reserves and rentals', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (names) => {
        const system = systemInMemory();
        const bookId = randomUUID();
        let holder: { readonly userNm: string; readonly rentalId: string } | undefined;
        for (const [name, userNm] of names) {
          const active = (await system.reserves()).find((each) => each.userNm === userNm && each.status === ACTIVE);
          if (name === 'reserve') await system.reserve(bookId, userNm);
          if (name === 'cancel' && active !== undefined) await system.cancel(active.reserveId);
          if (name === 'return' && holder?.userNm === userNm) {
            await system.giveBack(bookId, holder.rentalId);
            holder = undefined;
          }
          if (name !== 'rent') continue;
          const rentalId = randomUUID();
          await system.rent(bookId, userNm, rentalId);
          const isPassed = system.passed().some((each) => each.rentalId === rentalId);
          expect(isPassed).toBe(active !== undefined && holder === undefined);
          if (isPassed) holder = { userNm, rentalId };
        }
        const activeReserves = (await system.reserves()).filter((each) => each.status === ACTIVE).length;
        const reports = system.reports();
        expect(reports.map(({ version }) => version)).toEqual(reports.map((_, index) => index + 1));
        if (reports.length > 0) expect(reports.at(-1)).toMatchObject({ activeReserves, onRental: holder !== undefined });
      }),
      { numRuns: 60 },
    );
  });
});
