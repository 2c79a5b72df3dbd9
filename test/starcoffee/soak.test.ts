import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, it } from 'vitest';
import { Random } from '../soak/random.ts';
import { newSeed } from '../soak/seed.ts';
import { Blows, Deck, describeBlow, plan } from '../soak/victims.ts';
import { Failure } from '../support/failure.ts';
import { control } from '../support/instance.ts';
import { unique } from '../support/patiently.ts';
import { rest } from '../support/rest.ts';
import { runSystem } from '../support/systems.ts';
import { allAgree, cancelOrder, coffeeOf, type Order, orderOf, ordersOf, paymentsOf, tryOrder } from './support.ts';

beforeAll(() => runSystem('starcoffee'));

const USERS = 8;
const ROUNDS = 2;
const ROUND_MS = 10_000;

/** What a user was told: the ids of the orders that were acknowledged, by their keys. */
type Acknowledged = Map<string, string>;

/** A call that an outage may fail: UNAVAILABLE, a deadline, or a broken connection. Every other failure is a defect. */
async function tolerant<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    const isOutage = error instanceof Failure ? ['UNAVAILABLE', 'DEADLINE_EXCEEDED'].includes(error.code) : error instanceof TypeError;
    const isRefusal = error instanceof Failure && ['NOT_CANCELLABLE', 'PAYMENT_DECLINED'].includes(error.reason ?? '');
    if (!isOutage && !isRefusal) throw error;
    return undefined;
  }
}

/** Orders, repeats orders under their keys, cancels and refunds, until the time is over. */
async function user(random: Random, userId: string, endAt: number): Promise<Acknowledged> {
  const acknowledged: Acknowledged = new Map();
  let [key, coffee] = [unique('key'), coffeeOf({ userId })];
  while (Date.now() < endAt) {
    if (!random.chance(0.3)) [key, coffee] = [unique('key'), coffeeOf({ userId, price: random.chance(0.1) ? 1_000_001 : 4500 })];
    const placed = await tolerant(() => tryOrder(coffee, { 'idempotency-key': key }));
    if (placed !== undefined) {
      // A key answers one order for ever.
      expect(acknowledged.get(key) ?? placed.orderId).toBe(placed.orderId);
      acknowledged.set(key, placed.orderId);
      await mayUndo(random, placed);
    } else await sleep(200);
  }
  return acknowledged;
}

async function mayUndo(random: Random, { orderId }: Order): Promise<void> {
  if (random.chance(0.3)) await tolerant(() => cancelOrder(orderId));
  if (!random.chance(0.15)) return;
  const payments = await tolerant(() => paymentsOf(orderId));
  const paymentId = payments?.[0]?.paymentId;
  if (paymentId !== undefined) await tolerant(() => rest('POST', `/starcoffee/payments/${paymentId}:cancel`, {}));
}

it('two rounds of users and blows: every acknowledged order is there, and all services agree', async () => {
  const seed = Number(process.env.SOAK_SEED ?? newSeed());
  console.log(`  seed ${seed}`);
  const random = new Random(seed);
  const deck = new Deck(random);
  for (let round = 1; round <= ROUNDS; round++) {
    const names = (await control.status()).processes.map(({ name }) => name).filter((name) => /^(starcoffee\/|kafka|postgres)/.test(name));
    const blows = plan(random, deck, names, ROUND_MS);
    console.log(`  round ${round}: ${blows.map(describeBlow).join(', ')}`);
    const endAt = Date.now() + ROUND_MS;
    const users = Array.from({ length: USERS }, () => ({ userId: unique('user'), random: random.fork() }));
    const [, ...told] = await Promise.all([new Blows(blows).deal(), ...users.map((each) => user(each.random, each.userId, endAt))]);
    await allAgree();
    for (const [index, acknowledged] of told.entries()) {
      const orders = await ordersOf(users[index]?.userId ?? '');
      const kept = orders.filter(({ status }) => status !== 'REJECTED').map(({ orderId }) => orderId);
      for (const orderId of acknowledged.values()) expect((await orderOf(orderId)).status).not.toBe('REJECTED');
      expect(new Set(acknowledged.values()).isSubsetOf(new Set(kept))).toBe(true);
    }
    expect(told.some(({ size }) => size > 0)).toBe(true);
  }
});
