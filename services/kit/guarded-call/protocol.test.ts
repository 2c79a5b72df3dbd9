import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failedPrecondition, RpcError, unavailable } from '../rpc/errors.ts';
import { callContext } from '../testing/call-context.ts';
import { GuardedCall } from './caller.ts';
import { type Effect, EffectLedger } from './ledger.ts';
import { type OrderReleased, OrdersInMemory } from './test-entities.ts';

const SUBJECT = 'subject';
const USER = 'ada';

/** A call that waits for the callee's answer. */
interface OpenCall {
  readonly id: string;
  readonly answer: PromiseWithResolvers<undefined>;
}

/** Both halves, with all that travels between them in the hands of the test. */
class World {
  readonly entities = new OrdersInMemory();
  readonly effects = new Map<string, Effect>();
  /** How often each id has taken a unit, and given it back. */
  readonly taken: string[] = [];
  readonly givenBack: string[] = [];
  /** Entities that a client was told about. */
  readonly answered: string[] = [];
  free: number;
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

  constructor(free: number) {
    this.free = free;
  }

  start(idempotencyKey: string): void {
    this.#call.run({ userId: USER, amount: 1 }, callContext({ idempotencyKey, actingUser: USER })).then(
      ({ orderId }) => this.answered.push(orderId),
      () => undefined,
    );
  }

  /** Delivers a request to the callee. */
  apply(id: string): 'granted' | RpcError {
    const ledger = this.#ledger();
    const result = ledger.apply(
      { id, subjectId: SUBJECT },
      () => (this.free > 0 ? this.#take(id) : 'OUT'),
      () => true,
    );
    this.#commit(ledger);
    if (result === 'OUT') return failedPrecondition('OUT', 'none is left');
    if (result === 'EFFECT_RELEASED') return new RpcError(10, 'EFFECT_RELEASED', 'released before');
    return 'granted';
  }

  /** Delivers a release to the callee. */
  release({ orderId }: OrderReleased): void {
    const ledger = this.#ledger();
    ledger.release({ id: orderId, subjectId: SUBJECT }, () => {
      this.free += 1;
      this.givenBack.push(orderId);
    });
    this.#commit(ledger);
  }

  /** The callee asks about all its effects, as if it had no report yet. */
  ask(): void {
    for (const orderId of this.live()) this.entities.change(this.#call.releaseUnclaimed({ orderId, amount: 1 }));
  }

  #take(id: string): object {
    this.free -= 1;
    this.taken.push(id);
    return {};
  }

  #ledger(): EffectLedger {
    return new EffectLedger([...this.effects.values()]);
  }

  #commit(ledger: EffectLedger): void {
    const { added, released } = ledger.changes();
    for (const effect of [...added, ...released]) this.effects.set(effect.id, effect);
  }

  live(): string[] {
    return [...this.effects.values()].filter(({ state }) => state !== 'RELEASED').map(({ id }) => id);
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
  if (kind === 'ask') world.ask();
  if (kind === 'deliver' && sent !== undefined) world.apply(sent);
  if (kind === 'release' && release !== undefined) world.release(release);
  if (call !== undefined && ['answer', 'time out', 'die'].includes(kind)) {
    world.open = world.open.filter((each) => each !== call);
    if (kind === 'answer') {
      const answer = world.apply(call.id);
      if (answer === 'granted') call.answer.resolve(undefined);
      else call.answer.reject(answer);
      world.hasRefused ||= answer !== 'granted' && answer.reason === 'OUT';
    }
    // A caller that dies hears nothing and stores nothing.
    if (kind === 'time out') call.answer.reject(unavailable('TIMEOUT', 'timeout'));
  }
  await setImmediate();
}

/** Lets everything arrive that is on its way: releases first, then late requests, then late answers. */
async function settle(world: World, hasDeaths: boolean): Promise<void> {
  const timedOut = world.open.splice(0, world.open.length / 2);
  for (const { answer } of timedOut) answer.reject(unavailable('TIMEOUT', 'timeout'));
  await setImmediate();
  for (const release of [...world.entities.releases]) world.release(release);
  for (const id of world.sent) world.apply(id);
  // Questions are for callers that died or wait, and for refusals that overtook a grant of the same id.
  if (!hasDeaths && !world.hasRefused && world.open.length === 0) expect(world.live().length).toBe(world.entities.idsOf('PLACED').length);
  world.ask();
  for (const release of [...world.entities.releases]) world.release(release);
  for (const { id, answer } of world.open) if (world.taken.includes(id)) answer.resolve(undefined);
  await setImmediate();
}

describe('a guarded call, whatever is delivered late, twice, or never', () => {
  it('applies and releases each effect once, and keeps exactly the effects of stored entities', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 3 }), steps, async (units, plan) => {
        const world = new World(units);
        for (const { kind, which } of plan) {
          await act(world, kind, which);
          expect(world.free).toBeGreaterThanOrEqual(0);
          expect(world.free + world.live().length).toBe(units);
          // An entity that a client knows keeps its effect at any time.
          expect(world.live()).toEqual(expect.arrayContaining(world.answered));
        }
        await settle(
          world,
          plan.some(({ kind }) => kind === 'die'),
        );
        expect(world.live().toSorted()).toEqual(world.entities.idsOf('PLACED').toSorted());
        for (const ids of [world.taken, world.givenBack]) expect(new Set(ids).size).toBe(ids.length);
      }),
      { numRuns: 300 },
    );
  });
});
