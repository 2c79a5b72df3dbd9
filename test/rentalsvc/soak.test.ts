import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, it } from 'vitest';
import { Random } from '../soak/random.ts';
import { newSeed } from '../soak/seed.ts';
import { Blows, Deck, describeBlow, plan } from '../soak/victims.ts';
import { Failure } from '../support/failure.ts';
import { control } from '../support/instance.ts';
import { unique } from '../support/rentcar.ts';
import { listAll } from '../support/rest.ts';
import { runSystem } from '../support/systems.ts';
import { addProduct, cancel, type Order, rentalsAgree, request } from './support/rentals.ts';

beforeAll(() => runSystem('rentalsvc'));

const USERS = 8;
const ROUNDS = 2;
const ROUND_MS = 10_000;
/** Few enough to run short of. */
const STOCK = 60;

/** A call that an outage may fail: UNAVAILABLE, a deadline, or a broken connection. Every other failure is a defect. */
async function tolerant<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    const isOutage = error instanceof Failure ? ['UNAVAILABLE', 'DEADLINE_EXCEEDED'].includes(error.code) : error instanceof TypeError;
    const isRefusal = error instanceof Failure && error.reason === 'NOT_CANCELLABLE';
    if (!isOutage && !isRefusal) throw error;
    return undefined;
  }
}

/** Rents, repeats rentals under their keys, and cancels, until the time is over. Returns the ids that were acknowledged. */
async function user(random: Random, userId: string, productIds: readonly string[], endAt: number): Promise<ReadonlyMap<string, string>> {
  const acknowledged = new Map<string, string>();
  let key = '';
  let order = { productId: '', qty: 0 };
  while (Date.now() < endAt) {
    if (key === '' || !random.chance(0.3)) {
      key = randomUUID();
      order = { productId: random.pick(productIds) ?? '', qty: random.integer(1, 9) };
    }
    const { productId, qty } = order;
    const placed = await tolerant(() => request(productId, qty, { key, userId }));
    if (placed === undefined) {
      await sleep(200);
      continue;
    }
    // A key answers one order for ever.
    expect(acknowledged.get(key) ?? placed.orderId).toBe(placed.orderId);
    acknowledged.set(key, placed.orderId);
    if (random.chance(0.4)) await tolerant(() => cancel(placed.orderId));
  }
  return acknowledged;
}

it('two rounds of users and blows: every acknowledged order is there, and all services agree', async () => {
  const seed = Number(process.env.SOAK_SEED ?? newSeed());
  console.log(`  seed ${seed}`);
  const random = new Random(seed);
  const deck = new Deck(random);
  for (let round = 1; round <= ROUNDS; round++) {
    const productIds = [(await addProduct(STOCK)).productId, (await addProduct(STOCK)).productId];
    const names = (await control.status()).processes
      .map(({ name }) => name)
      .filter((name) => /^(rentalsvc\/|kafka|postgres|mongo)/.test(name));
    const blows = plan(random, deck, names, ROUND_MS);
    console.log(`  round ${round}: ${blows.map(describeBlow).join(', ')}`);
    const endAt = Date.now() + ROUND_MS;
    const users = Array.from({ length: USERS }, () => ({ userId: unique('user'), random: random.fork() }));
    const [, ...told] = await Promise.all([
      new Blows(blows).deal(),
      ...users.map((each) => user(each.random, each.userId, productIds, endAt)),
    ]);
    await rentalsAgree();
    for (const [index, acknowledged] of told.entries()) {
      const stored = await listAll<Order>('/rentalsvc/orders', 'orders', { user_id: users[index]?.userId ?? '' });
      const ids = new Set(stored.map(({ orderId }) => orderId));
      expect(new Set(acknowledged.values()).isSubsetOf(ids)).toBe(true);
    }
    expect(told.some(({ size }) => size > 0)).toBe(true);
  }
});
