import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, expect, it } from 'vitest';
import { Random } from '../soak/random.ts';
import { newSeed } from '../soak/seed.ts';
import { Blows, Deck, describeBlow, plan } from '../soak/victims.ts';
import { Failure } from '../support/failure.ts';
import { control } from '../support/instance.ts';
import { unique } from '../support/patiently.ts';
import { get, rest } from '../support/rest.ts';
import { runSystem } from '../support/systems.ts';
import * as library from './support.ts';

beforeAll(() => runSystem('rentalbook'));

const USERS = 8;
const BOOKS = 3;
const ROUNDS = 2;
const ROUND_MS = 10_000;

/** A call that an outage may fail, or a state that another step has changed. Every other failure is a defect. */
async function tolerant<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    const isOutage = error instanceof Failure ? ['UNAVAILABLE', 'DEADLINE_EXCEEDED'].includes(error.code) : error instanceof TypeError;
    const isRefusal = error instanceof Failure && ['NOT_CANCELLABLE', 'NOT_RETURNABLE'].includes(error.reason ?? '');
    if (!isOutage && !isRefusal) throw error;
    return undefined;
  }
}

/** Reserves, rents, returns and cancels scarce books until the time is over. Returns the rentals that were acknowledged as RETURNED. */
async function user(random: Random, userNm: string, books: readonly library.Book[], endAt: number): Promise<string[]> {
  const returned: string[] = [];
  while (Date.now() < endAt) {
    const book = books[random.chance(0.5) ? 0 : 1] ?? books[0];
    const member = library.memberOf(book ?? { bookId: '', bookNm: '' }, userNm);
    const reserved = await tolerant(() => library.tryReserve(member, { 'idempotency-key': unique('key') }));
    if (random.chance(0.1) && reserved !== undefined)
      await tolerant(() => rest('POST', `/rentalbook/reserves/${reserved.reserveId}:cancel`, {}));
    const rental = await tolerant(() => library.tryRent(member, { 'idempotency-key': unique('key') }));
    const ended = rental && (await returnWhenChecked(rental.rentalId, endAt));
    if (ended?.status === 'RETURNED') returned.push(ended.rentalId);
  }
  return returned;
}

/** Returns a rental as soon as it is checked. Undefined if it was rejected, or the time is over. */
async function returnWhenChecked(rentalId: string, endAt: number): Promise<library.Rental | undefined> {
  while (Date.now() < endAt) {
    const rental = await tolerant(() => get<library.Rental>(`/rentalbook/rentals/${rentalId}`));
    if (rental?.status === 'REJECTED') return undefined;
    const ended = rental?.status === 'CONFIRMED' ? await tolerant(() => library.tryReturn(rentalId)) : undefined;
    if (ended !== undefined) return ended;
    await sleep(50);
  }
  return undefined;
}

it('two rounds of members and blows: every acknowledged return is there once, and all services agree', async () => {
  const seed = Number(process.env.SOAK_SEED ?? newSeed());
  console.log(`  seed ${seed}`);
  const random = new Random(seed);
  const deck = new Deck(random);
  for (let round = 1; round <= ROUNDS; round++) {
    const books = await Promise.all(Array.from({ length: BOOKS }, () => library.register()));
    const names = (await control.status()).processes.map(({ name }) => name).filter((name) => /^(rentalbook\/|kafka|postgres)/.test(name));
    const blows = plan(random, deck, names, ROUND_MS);
    console.log(`  round ${round}: ${blows.map(describeBlow).join(', ')}`);
    const endAt = Date.now() + ROUND_MS;
    const users = Array.from({ length: USERS }, () => user(random.fork(), unique('member'), books, endAt));
    const [, ...told] = await Promise.all([new Blows(blows).deal(), ...users]);
    await library.libraryAgrees();
    for (const rentalId of told.flat()) expect(await get(`/rentalbook/rentals/${rentalId}`)).toMatchObject({ status: 'RETURNED' });
    expect(told.flat().length).toBeGreaterThan(0);
  }
});
