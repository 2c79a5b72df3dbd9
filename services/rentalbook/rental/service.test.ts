import { randomUUID } from 'node:crypto';
import { status } from '@grpc/grpc-js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Store } from '#kit/postgres/store.ts';
import { failedPrecondition, unavailable } from '#kit/rpc/errors.ts';
import { callContext } from '#kit/testing/call-context.ts';
import { MemoryDatabase } from '#kit/testing/memory-database.ts';
import { Rented, Returned } from '#proto/rentalbook/rental/v1/events.ts';
import { Rental_Status } from '#proto/rentalbook/rental/v1/rental.ts';
import { Checked, CheckFailed, ReturnedBook } from '#proto/rentalbook/system/v1/events.ts';
import { rentalHandlers } from './handlers.ts';
import { rentalService } from './service.ts';
import { rentalTable } from './store.ts';

const { REQUESTED, CONFIRMED, REJECTED, RETURNED } = Rental_Status;

function setUp() {
  const database = new MemoryDatabase([rentalTable]);
  const rentals = new Store(database, rentalTable);
  /** What system answers: an error, or the return. */
  const system = { calls: 0, error: undefined as Error | undefined };
  const service = rentalService(rentals, {
    returnBook: async () => {
      system.calls++;
      if (system.error !== undefined) throw system.error;
      return { returnId: randomUUID() };
    },
  });
  const handlers = rentalHandlers(rentals);
  const bookId = randomUUID();
  const reserveId = randomUUID();
  return {
    database,
    system,
    reserveId,
    async rent(idempotencyKey?: string) {
      const request = { bookId, bookNm: 'apple', userNm: 'melon' };
      const context = callContext(idempotencyKey === undefined ? {} : { idempotencyKey, actingUser: 'melon' });
      return (await service.rentBook(request, context)).rental ?? expect.unreachable();
    },
    get: async (rentalId: string) => (await service.getRental({ rentalId }, callContext())).rental,
    giveBack: async (rentalId: string) => (await service.returnRental({ rentalId }, callContext())).rental,
    pass: (rentalId: string) => database.deliver(handlers, Checked, Checked.fromPartial({ rentalId, reserveId, bookId })),
    fail: (rentalId: string) =>
      database.deliver(handlers, CheckFailed, CheckFailed.fromPartial({ rentalId, bookId, reason: 'NOT_RESERVED' })),
    returned: (rentalId: string) => database.deliver(handlers, ReturnedBook, ReturnedBook.fromPartial({ rentalId, reserveId, bookId })),
  };
}

describe('a request for a book', () => {
  it('is made once per idempotency key', async () => {
    const { database, rent } = setUp();
    const rental = await rent('key');
    expect(rental).toMatchObject({ status: REQUESTED, reason: '', reserveId: '' });
    expect(await rent('key')).toEqual(rental);
    expect(database.eventsOf(Rented)).toMatchObject([{ rentalId: rental.rentalId, userNm: 'melon', version: 1 }]);
    expect(database.eventsOf(Rented)[0]?.requestTime).toBeInstanceOf(Date);
  });

  it('is confirmed or rejected by the check', async () => {
    const { rent, pass, fail, get, reserveId } = setUp();
    const [one, other] = [await rent(), await rent()];
    await pass(one.rentalId);
    await fail(other.rentalId);
    expect(await get(one.rentalId)).toMatchObject({ status: CONFIRMED, reserveId });
    expect(await get(other.rentalId)).toMatchObject({ status: REJECTED, reason: 'NOT_RESERVED', reserveId: '' });
  });

  it('has an event that is dead-lettered if the rental does not exist', async () => {
    const { pass } = setUp();
    await expect(pass(randomUUID())).rejects.toThrow('UNKNOWN_RENTAL');
  });
});

describe('returning a rental', () => {
  it('happens once, after system has recorded the return', async () => {
    const { database, system, rent, pass, giveBack, returned, reserveId } = setUp();
    const { rentalId } = await rent();
    await pass(rentalId);
    for (let calls = 0; calls < 2; calls++) expect(await giveBack(rentalId)).toMatchObject({ status: RETURNED });
    await returned(rentalId);
    expect(system.calls).toBe(1);
    expect(database.eventsOf(Returned)).toMatchObject([{ rentalId, reserveId }]);
  });

  it('leaves the rental CONFIRMED while system does not answer, and can be repeated', async () => {
    const { database, system, rent, pass, giveBack, get } = setUp();
    const { rentalId } = await rent();
    await pass(rentalId);
    system.error = unavailable('UPSTREAM_UNAVAILABLE', 'no healthy upstream');
    const refusal = { code: status.UNAVAILABLE, reason: 'RETURN_UNRECORDED', retryAfterSeconds: 1 };
    await expect(giveBack(rentalId)).rejects.toMatchObject(refusal);
    expect(await get(rentalId)).toMatchObject({ status: CONFIRMED });
    expect(database.eventsOf(Returned)).toEqual([]);
    system.error = undefined;
    expect(await giveBack(rentalId)).toMatchObject({ status: RETURNED });
  });

  it('is settled by the event of system if the answer was lost', async () => {
    const { rent, pass, returned, get } = setUp();
    const { rentalId } = await rent();
    await pass(rentalId);
    await returned(rentalId);
    expect(await get(rentalId)).toMatchObject({ status: RETURNED });
  });

  it('is refused for rentals that are not confirmed, without a call', async () => {
    const { system, rent, fail, giveBack } = setUp();
    const { rentalId } = await rent();
    const notReturnable = { code: status.FAILED_PRECONDITION, reason: 'NOT_RETURNABLE' };
    await expect(giveBack(rentalId)).rejects.toMatchObject(notReturnable);
    await fail(rentalId);
    await expect(giveBack(rentalId)).rejects.toMatchObject(notReturnable);
    await expect(giveBack(randomUUID())).rejects.toMatchObject({ code: status.NOT_FOUND, reason: 'RENTAL_NOT_FOUND' });
    expect(system.calls).toBe(0);
  });

  it('passes on a refusal of system', async () => {
    const { system, rent, pass, giveBack } = setUp();
    const { rentalId } = await rent();
    await pass(rentalId);
    system.error = failedPrecondition('NOT_RENTED', 'not out');
    await expect(giveBack(rentalId)).rejects.toMatchObject({ reason: 'NOT_RENTED' });
  });
});

describe('the end of a rental', () => {
  it('does not depend on the order of the events of system', async () => {
    const orders = fc.shuffledSubarray(['pass', 'returned', 'pass', 'returned'] as const, { minLength: 4 });
    await fc.assert(
      fc.asyncProperty(orders, async (events) => {
        const { database, rent, get, reserveId, ...deliver } = setUp();
        const { rentalId } = await rent();
        for (const event of events) await deliver[event](rentalId);
        expect(await get(rentalId)).toMatchObject({ status: RETURNED, reserveId });
        expect(database.eventsOf(Returned)).toHaveLength(1);
      }),
    );
  });
});
