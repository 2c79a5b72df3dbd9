import { status as code } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import type { CallContext } from '../rpc/call.ts';
import { RpcError, unavailable } from '../rpc/errors.ts';
import { callContext } from '../testing/call-context.ts';
import { GuardedCall } from './caller.ts';
import { type OrderReleased, OrdersInMemory } from './test-entities.ts';

const request = { userId: 'ada', amount: 1, note: '' };
const KEY = 'key';

type Call = (id: string) => Promise<{ readonly note: string }>;

const granting: Call = async () => ({ note: 'granted' });
const failing =
  (error: RpcError): Call =>
  () =>
    Promise.reject(error);

function guarded(entities: OrdersInMemory, call: Call, isReadOnly = false) {
  const release = {
    event: 'OrderReleased' as const,
    reject: (orderId: string, { userId, amount, note }: typeof request) => ({ orderId, userId, amount, note, status: 'REJECTED' as const }),
    tombstone: ({ orderId, amount }: OrderReleased) => ({ orderId, userId: '', amount, note: '', status: 'REJECTED' as const }),
  };
  return new GuardedCall({
    entities,
    call,
    accept: (orderId, { userId, amount, note }) => ({
      state: { orderId, userId, amount, note, status: 'PLACED' as const },
      events: ['OrderPlaced'],
    }),
    unavailable: { reason: 'UNCHECKED', message: 'try again' },
    ...(!isReadOnly && { release }),
  });
}

function context(idempotencyKey?: string, actingUser = request.userId): CallContext {
  return callContext({ actingUser, ...(idempotencyKey !== undefined && { idempotencyKey }) });
}

/** Ends attempts under the key of the tests with unknown outcomes. */
async function rejectAttempts(entities: OrdersInMemory, count: number): Promise<void> {
  const call = guarded(entities, failing(unavailable('TIMEOUT', 'timeout')));
  for (let index = 0; index < count; index++) await call.run(request, context(KEY)).catch(() => undefined);
}

describe('a guarded call', () => {
  it('stores the entity when the effect is granted', async () => {
    const entities = new OrdersInMemory();
    expect(await guarded(entities, granting).run(request, context())).toMatchObject({ ...request, status: 'PLACED' });
    expect(await entities.idsOf('PLACED')).toHaveLength(1);
    expect(entities.lookups).toBe(0);
  });

  it.each([code.NOT_FOUND, code.FAILED_PRECONDITION, code.INVALID_ARGUMENT])(
    'stores nothing when the callee refuses with code %i',
    async (refusal) => {
      const entities = new OrdersInMemory();
      const refused = guarded(entities, failing(new RpcError(refusal, 'REASON', 'no'))).run(request, context());
      await expect(refused).rejects.toMatchObject({ code: refusal, reason: 'REASON' });
      expect(await entities.idsOf()).toEqual([]);
    },
  );

  it('stores nothing when the callee certainly did nothing', async () => {
    const entities = new OrdersInMemory();
    const busy = new RpcError(code.UNAVAILABLE, 'STORE_BUSY', 'busy', { nothingDone: true });
    await expect(guarded(entities, failing(busy)).run(request, context())).rejects.toMatchObject({ reason: 'UNCHECKED' });
    expect(await entities.idsOf()).toEqual([]);
  });

  it('stores a rejection with a release when the outcome is unknown', async () => {
    const entities = new OrdersInMemory();
    const unknown = guarded(entities, failing(unavailable('TIMEOUT', 'timeout'))).run(request, context());
    await expect(unknown).rejects.toMatchObject({ code: code.UNAVAILABLE, reason: 'UNCHECKED', retryAfterSeconds: 1 });
    expect(entities.releases).toEqual([expect.objectContaining({ orderId: (await entities.idsOf('REJECTED'))[0], amount: 1 })]);
  });

  it('stores nothing when the outcome of a call that only reads is unknown', async () => {
    const entities = new OrdersInMemory();
    const unknown = guarded(entities, failing(unavailable('TIMEOUT', 'timeout')), true).run(request, context());
    await expect(unknown).rejects.toMatchObject({ code: code.UNAVAILABLE, reason: 'UNCHECKED' });
    expect(await entities.idsOf()).toEqual([]);
  });

  it('fails when a tombstone was stored before its own commit', async () => {
    const entities = new OrdersInMemory();
    const late = guarded(entities, async (orderId) => {
      await entities.apply(late.releaseUnclaimed({ orderId, amount: 1 }));
      return { note: '' };
    });
    await expect(late.run(request, context())).rejects.toMatchObject({ reason: 'UNCHECKED' });
    expect(await entities.idsOf('REJECTED')).toEqual(entities.releases.map(({ orderId }) => orderId));
    expect(await entities.idsOf('PLACED')).toEqual([]);
  });
});

describe('an answer to a question', () => {
  it('releases what is unknown or rejected, as the question names it, and nothing else', async () => {
    const entities = new OrdersInMemory();
    const call = guarded(entities, granting);
    await rejectAttempts(entities, 1);
    const { orderId: placed } = await call.run(request, context());
    const [rejected = ''] = await entities.idsOf('REJECTED');
    const unknown = entities.idFrom('unknown');
    const before = entities.releases.length;
    const questions = [placed, rejected, unknown, unknown].map((orderId) => ({ orderId, amount: 7 }));
    for (const question of questions) await entities.apply(call.releaseUnclaimed(question));
    const releases = entities.releases.slice(before);
    expect(new Set(releases.map(({ orderId }) => orderId))).toEqual(new Set([rejected, unknown]));
    expect(releases.every(({ amount }) => amount === 7)).toBe(true);
    expect(await entities.idsOf('PLACED')).toEqual([placed]);
  });
});

describe('an idempotency key', () => {
  const unasked = failing(unavailable('UNASKED', 'the callee was asked'));

  it('returns the entity that it has made, without a call', async () => {
    const entities = new OrdersInMemory();
    const made = await guarded(entities, granting).run(request, context(KEY));
    expect(await guarded(entities, unasked).run(request, context(KEY))).toEqual(made);
  });

  it('is refused for a request that differs in any field', async () => {
    const entities = new OrdersInMemory();
    await guarded(entities, granting).run(request, context(KEY));
    for (const other of [{ amount: 2 }, { note: 'other' }]) {
      const reused = guarded(entities, unasked).run({ ...request, ...other }, context(KEY));
      await expect(reused).rejects.toMatchObject({ code: code.ALREADY_EXISTS, reason: 'IDEMPOTENCY_KEY_REUSED' });
    }
  });

  it('of one user is another key of another user', async () => {
    const entities = new OrdersInMemory();
    const call = guarded(entities, granting);
    const made = [await call.run(request, context(KEY)), await call.run({ ...request, userId: 'bob' }, context(KEY, 'bob'))];
    expect(new Set(made.map(({ orderId }) => orderId)).size).toBe(2);
  });

  it('is refused while another request under it has the effect', async () => {
    const entities = new OrdersInMemory();
    const held = guarded(entities, failing(new RpcError(code.ALREADY_EXISTS, 'OTHER', 'held'))).run(request, context(KEY));
    await expect(held).rejects.toMatchObject({ reason: 'IDEMPOTENCY_KEY_REUSED' });
    expect(await entities.idsOf()).toEqual([]);
  });

  it.each([
    [7, 1],
    [100, 4],
  ])('finds its next attempt after %i rejected ones by %i lookups', async (rejected, lookups) => {
    const entities = new OrdersInMemory();
    await rejectAttempts(entities, rejected);
    entities.lookups = 0;
    const made = await guarded(entities, granting).run(request, context(KEY));
    expect(made.orderId).toBe(entities.idFrom('ada', KEY, String(rejected + 1)));
    expect(entities.lookups).toBe(lookups);
  });
});
