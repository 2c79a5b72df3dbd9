import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, it } from 'vitest';
import { Random } from '../soak/random.ts';
import { newSeed } from '../soak/seed.ts';
import { Deck, describeBlow, plan } from '../soak/victims.ts';
import { eventually, range } from '../support/eventually.ts';
import { control } from '../support/instance.ts';
import { patiently, unique } from '../support/rentcar.ts';
import { runSystem } from '../support/systems.ts';
import { cancel, type OfTicket, reservationsOf, ticketOf, ticketsAgree, tryReserve } from './support.ts';

beforeAll(() => runSystem('cinema'));

const ROUNDS = 2;
const ROUND_MS = 8000;
const USERS = 6;
const RECOVERY_MS = 90_000;

/** SOAK_SEED repeats a run. */
const seed = Number(process.env.SOAK_SEED ?? newSeed());

/** What a user was told: the last status of each reservation that was answered. */
type Told = Map<string, 'CANCELLED' | 'kept'>;

/** Reserves, repeats calls under old keys, and cancels, until the round is over. */
async function use(userId: string, random: Random, end: number, told: Told): Promise<void> {
  const answers = new Map<string, string>();
  while (performance.now() < end) {
    const key = (random.chance(0.2) && random.pick([...answers.keys()])) || unique('key');
    const { reservationId }: OfTicket = await patiently(() => tryReserve(ticketOf({ userId }), { 'idempotency-key': key }));
    expect(reservationId, 'a repeated key has the same answer').toBe(answers.get(key) ?? reservationId);
    answers.set(key, reservationId);
    if (!told.has(reservationId)) told.set(reservationId, 'kept');
    if (random.chance(0.4)) {
      expect(await cancel(reservationId)).toMatchObject({ status: 'CANCELLED' });
      told.set(reservationId, 'CANCELLED');
    }
    await sleep(random.integer(0, 100));
  }
}

/** Waits until every process is ready again. */
async function recovered(): Promise<void> {
  const look = async () => expect((await control.status()).processes.filter(({ state }) => state !== 'ready')).toEqual([]);
  await eventually('every process is ready', look, RECOVERY_MS);
}

it(`two rounds of mixed load with victims keep every promise (seed ${seed})`, { timeout: 400_000 }, async () => {
  const random = new Random(seed);
  const deck = new Deck(random);
  const { processes } = await control.status();
  const names = processes.map(({ name }) => name).filter((name) => /^cinema\/|^(postgres|kafka|mongo)$/.test(name));
  expect(names.length).toBeGreaterThan(6);
  for (const round of range(ROUNDS)) {
    const blows = plan(random, deck, names, ROUND_MS);
    console.log(`  round ${round + 1}: ${blows.map(describeBlow).join(', ')}`);
    const end = performance.now() + ROUND_MS;
    const users = range(USERS).map(() => ({ userId: unique('user'), told: new Map() as Told, random: random.fork() }));
    const strike = async ({ victim, atMs, freezeMs }: (typeof blows)[number]) => {
      await sleep(atMs);
      await control.kill(victim, freezeMs === undefined ? 'SIGKILL' : 'SIGSTOP');
      if (freezeMs === undefined) return;
      await sleep(freezeMs);
      await control.kill(victim, 'SIGCONT');
    };
    await Promise.all([...users.map((user) => use(user.userId, user.random, end, user.told)), ...blows.map(strike)]);
    await recovered();
    await ticketsAgree();
    for (const { userId, told } of users) {
      const stored = (await reservationsOf(userId)).filter(({ status }) => status !== 'REJECTED');
      const expected = [...told].map(([id, state]) => [id, state === 'kept' ? 'RESERVED' : state]);
      expect(Object.fromEntries(stored.map(({ reservationId, status }) => [reservationId, status]))).toEqual(Object.fromEntries(expected));
      expect(told.size).toBeGreaterThan(0);
    }
  }
});
