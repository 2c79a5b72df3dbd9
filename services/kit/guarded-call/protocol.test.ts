import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Store } from '../postgres/store.ts';
import { integer, table, text } from '../postgres/table.ts';
import { aborted, failedPrecondition, type RpcError, unavailable } from '../rpc/errors.ts';
import { callContext } from '../testing/call-context.ts';
import { MemoryDatabase } from '../testing/memory-database.ts';
import { GuardedEffects } from './callee.ts';
import { GuardedCall } from './caller.ts';
import { lockEffects } from './effects.ts';
import { OrderReleased, OrdersInMemory } from './test-entities.ts';

const STOCK = 'stock';
const USER = 'ada';

/** The callee's row that all effects change: each takes a unit. */
const stocks = table('stocks', {
  namespace: 'test.stock',
  id: 'stockId',
  columns: { stockId: text, free: integer },
  mutable: ['free'],
  events: {},
});

/** Waits until all that has arrived is processed. Batches wait for a turn of the event loop each. */
async function turns(): Promise<void> {
  for (let turn = 0; turn < 6; turn++) await setImmediate();
}

/** A call that waits for the callee's answer. */
interface OpenCall {
  readonly id: string;
  readonly answer: PromiseWithResolvers<undefined>;
}

/** Both halves, with all that travels between them in the hands of the test. */
class World {
  readonly entities = new OrdersInMemory();
  readonly callee = new MemoryDatabase([stocks]);
  /** The ids that have taken a unit. */
  readonly taken: string[] = [];
  /** Entities that a client was told about. */
  readonly answered: string[] = [];
  /** Whether a caller was refused. */
  hasRefused = false;
  /** Requests may arrive at any time and any number of times, so none is ever taken away. */
  readonly sent: string[] = [];
  open: OpenCall[] = [];

  readonly #call = new GuardedCall({
    entities: this.entities,
    call: (id, _request: { readonly userId: string; readonly amount: number }) => {
      const answer = Promise.withResolvers<undefined>();
      this.sent.push(id);
      this.open.push({ id, answer });
      return answer.promise;
    },
    accept: (orderId, { userId, amount }) => ({
      state: { orderId, userId, amount, note: '', status: 'PLACED' as const },
      events: ['OrderPlaced'],
    }),
    release: {
      event: 'OrderReleased' as const,
      reject: (orderId, { userId, amount }) => ({ orderId, userId, amount, note: '', status: 'REJECTED' as const }),
      tombstone: ({ orderId, amount }) => ({ orderId, userId: '', amount, note: '', status: 'REJECTED' as const }),
    },
    unavailable: { reason: 'UNCHECKED', message: 'try again' },
  });

  readonly #effects = new GuardedEffects({
    database: this.callee,
    subjects: stocks,
    keyOf: ({ orderId }: Pick<OrderReleased, 'orderId'>) => ({ id: orderId, subjectId: STOCK }),
    apply: (stock, { orderId }) => {
      if (stock === undefined || stock.free === 0) return 'OUT';
      this.taken.push(orderId);
      return { state: { ...stock, free: stock.free - 1 }, events: [] };
    },
    undo: (stock) => ({ state: { ...stock, free: stock.free + 1 }, events: [] }),
  });

  /** Puts units in stock. */
  async fill(free: number): Promise<void> {
    await new Store(this.callee, stocks).add(STOCK, { state: { stockId: STOCK, free }, events: [] });
  }

  start(idempotencyKey: string): void {
    this.#call.run({ userId: USER, amount: 1 }, callContext({ idempotencyKey, actingUser: USER })).then(
      ({ orderId }) => this.answered.push(orderId),
      () => undefined,
    );
  }

  /** Delivers a request to the callee. */
  async apply(orderId: string): Promise<'granted' | RpcError> {
    const result = await this.#effects.apply({ orderId }, { cancelled: false });
    if (result === 'OUT') return failedPrecondition('OUT', 'none is left');
    if (result === 'EFFECT_RELEASED') return aborted('EFFECT_RELEASED', 'released before');
    return 'granted';
  }

  /** Delivers a release to the callee. */
  async release(release: OrderReleased): Promise<void> {
    await this.callee.deliver(this.#effects.onReleased([OrderReleased]), OrderReleased, release);
  }

  /** The callee asks about all its effects, as if it had no report yet. */
  async ask(): Promise<void> {
    for (const orderId of await this.live()) await this.entities.apply(this.#call.releaseUnclaimed({ orderId, amount: 1 }));
  }

  /** Returns the ids of the effects that are not released. */
  async live(): Promise<string[]> {
    const effects = await this.callee.transaction((tx) => lockEffects(this.sent, tx));
    return effects.filter(({ state }) => state !== 'RELEASED').map(({ id }) => id);
  }

  async free(): Promise<number> {
    return (await new Store(this.callee, stocks).find(STOCK))?.free ?? -1;
  }
}

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom('start', 'deliver', 'answer', 'time out', 'die', 'release', 'ask'),
    which: fc.nat({ max: 5 }),
  }),
  { maxLength: 50 },
);

async function act(world: World, kind: string, which: number): Promise<void> {
  const pick = <T>(items: readonly T[]): T | undefined => items[which % Math.max(1, items.length)];
  const sent = pick(world.sent);
  const call = pick(world.open);
  const release = pick(world.entities.releases);
  if (kind === 'start') world.start(`key ${which % 3}`);
  if (kind === 'ask') await world.ask();
  if (kind === 'deliver' && sent !== undefined) await world.apply(sent);
  if (kind === 'release' && release !== undefined) await world.release(release);
  if (call !== undefined && ['answer', 'time out', 'die'].includes(kind)) {
    world.open = world.open.filter((each) => each !== call);
    if (kind === 'answer') {
      const answer = await world.apply(call.id);
      if (answer === 'granted') call.answer.resolve(undefined);
      else call.answer.reject(answer);
      world.hasRefused ||= answer !== 'granted' && answer.reason === 'OUT';
    }
    // A caller that dies hears nothing and stores nothing.
    if (kind === 'time out') call.answer.reject(unavailable('TIMEOUT', 'timeout'));
  }
  await turns();
}

/** Lets everything arrive that is on its way: releases first, then late requests, then late answers. */
async function settle(world: World, hasDeaths: boolean): Promise<void> {
  const timedOut = world.open.splice(0, world.open.length / 2);
  for (const { answer } of timedOut) answer.reject(unavailable('TIMEOUT', 'timeout'));
  await turns();
  for (const release of world.entities.releases) await world.release(release);
  for (const id of world.sent) await world.apply(id);
  // Questions are for callers that died or wait, and for refusals that overtook a grant of the same id.
  const needsQuestions = hasDeaths || world.hasRefused || world.open.length > 0;
  if (!needsQuestions) expect((await world.live()).length).toBe((await world.entities.idsOf('PLACED')).length);
  await world.ask();
  for (const release of world.entities.releases) await world.release(release);
  for (const { id, answer } of world.open) if (world.taken.includes(id)) answer.resolve(undefined);
  await turns();
}

describe('a guarded call, whatever is delivered late, twice, or never', () => {
  it('applies and releases each effect once, and keeps exactly the effects of stored entities', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 3 }), steps, async (units, plan) => {
        const world = new World();
        await world.fill(units);
        for (const { kind, which } of plan) {
          await act(world, kind, which);
          const live = await world.live();
          expect((await world.free()) + live.length).toBe(units);
          // An entity that a client knows keeps its effect at any time.
          expect(live).toEqual(expect.arrayContaining(world.answered));
        }
        await settle(
          world,
          plan.some(({ kind }) => kind === 'die'),
        );
        expect((await world.live()).toSorted()).toEqual((await world.entities.idsOf('PLACED')).toSorted());
        expect(await world.free()).toBe(units - (await world.live()).length);
        expect(new Set(world.taken).size).toBe(world.taken.length);
      }),
      { numRuns: 150 },
    );
  });
});
