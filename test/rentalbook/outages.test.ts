import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Failpoint, Failpoint_Action } from '#proto/rentmesh/fault/v1/fault.ts';
import { each, eventually, range } from '../support/eventually.ts';
import { failureOf } from '../support/failure.ts';
import { control } from '../support/instance.ts';
import { patiently } from '../support/patiently.ts';
import { rest } from '../support/rest.ts';
import { runSystem } from '../support/systems.ts';
import { tested } from '../support/tested/index.ts';
import * as library from './support.ts';

beforeAll(() => runSystem('rentalbook'));

const UNAVAILABLE = { code: 'UNAVAILABLE', httpStatus: 503, retryAfter: expect.stringMatching(/^\d+$/) };

describe('while a part is stopped', () => {
  const stopped = new Set<string>();
  async function stop(name: string): Promise<void> {
    stopped.add(name);
    await control.stop(name);
  }
  async function start(name: string): Promise<void> {
    await control.start(name);
    stopped.delete(name);
  }
  // A test that failed must not take the others with it.
  afterEach(async () => {
    for (const name of stopped) await start(name);
  });

  it('system: a return is UNAVAILABLE and the rental stays CONFIRMED; the return succeeds once when system is back', async () => {
    const { member, rentalId } = await library.lend();
    await stop('rentalbook/system-1');
    expect(await failureOf(library.tryReturn(rentalId))).toMatchObject({ ...UNAVAILABLE, domain: 'rentalbook.rentmesh' });
    await library.rentalBecomes(rentalId, { status: 'CONFIRMED' });
    await start('rentalbook/system-1');
    for (const _ of range(2)) expect(await patiently(() => library.tryReturn(rentalId))).toMatchObject({ status: 'RETURNED' });
    expect(await library.returnsOf(member.userNm)).toHaveLength(1);
  });

  it('system: renting is answered REQUESTED and shown as START_RENTAL; the check follows when system is back', async () => {
    const member = library.memberOf(await library.register());
    const { reserveId } = await library.reserve(member);
    await library.viewBecomes(reserveId, { status: 'BOOKING' });
    await stop('rentalbook/system-1');
    const { rentalId, status } = await library.rent(member);
    expect(status).toBe('REQUESTED');
    await library.viewBecomes(reserveId, { status: 'START_RENTAL', statusText: 'Start Rental' });
    await start('rentalbook/system-1');
    await library.rentalBecomes(rentalId, { status: 'CONFIRMED' });
    await library.viewBecomes(reserveId, { status: 'ON_RENTAL', rentalId });
  });

  it('book: reserving goes on, and the status of the book follows when book is back', async () => {
    const book = await library.register();
    await stop('rentalbook/book-1');
    const { reserveId } = await library.reserve(library.memberOf(book));
    await library.viewBecomes(reserveId, { status: 'BOOKING' });
    expect(await failureOf(rest('GET', '/rentalbook/books'))).toMatchObject(UNAVAILABLE);
    await start('rentalbook/book-1');
    await library.bookBecomes(book.bookId, 'BOOKING');
  });
});

describe('a return whose answer is lost', () => {
  afterEach(() => tested.setFaults('rentalbook/system-1', {}));

  it('is recorded once, and ends the rental by the event of system', async () => {
    const { member, rentalId } = await library.lend();
    await tested.setFaults('rentalbook/system-1', { methods: ['rentalbook.system.v1.SystemService/ReturnBook'], resetRate: 1 });
    expect(await failureOf(library.tryReturn(rentalId))).toMatchObject({ ...UNAVAILABLE, reason: 'RETURN_UNRECORDED' });
    await tested.setFaults('rentalbook/system-1', {});
    expect(await patiently(() => library.tryReturn(rentalId))).toMatchObject({ status: 'RETURNED' });
    expect(await library.returnsOf(member.userNm)).toHaveLength(1);
    await library.libraryAgrees();
  });
});

describe('two members who rent one book at the same moment', () => {
  const races = async (count: number, meanwhile: (race: number) => Promise<unknown> = async () => undefined) => {
    const rentals = await each(range(count), 5, async (race) => {
      const book = await library.register();
      const members = [library.memberOf(book), library.memberOf(book)];
      await Promise.all(members.map(library.reserve));
      const [first, second] = await Promise.all([...members.map(library.rent), meanwhile(race)]);
      return [first, second] as readonly library.Rental[];
    });
    for (const race of rentals) {
      const ended = await Promise.all(
        race.map(({ rentalId }) => library.rentalBecomes(rentalId, { status: expect.not.stringMatching('REQUESTED') })),
      );
      expect(ended.map(({ status, reason }) => `${status} ${reason}`).toSorted()).toEqual(['CONFIRMED ', 'REJECTED ALREADY_RENTED']);
    }
    await library.libraryAgrees();
  };

  it('are never both confirmed, in 100 repetitions', () => races(100));

  it('are never both confirmed while system and Kafka are killed', async () => {
    await races(20, async (race) => {
      if (race === 5) await control.kill('rentalbook/system-1', 'SIGKILL');
      if (race === 12) await control.kill('kafka', 'SIGKILL');
    });
  });
});

describe.each([
  ['rentalbook/system-1', 'effect.applied'],
  ['rentalbook/system-1', 'consumer.applied'],
  ['rentalbook/rental-1', 'consumer.applied'],
  ['rentalbook/mypage-1', 'consumer.applied'],
  ['rentalbook/system-1', 'relay.sent'],
])('%s killed at %s', (victim, point) => {
  // It may be starting again.
  afterEach(() => eventually(`${victim} has no faults`, () => tested.setFaults(victim, {})));

  it('leaves each book with one rental and each rental with one return', async () => {
    await tested.setFaults(victim, { failpoints: [Failpoint.fromPartial({ name: point, action: Failpoint_Action.KILL })] });
    await each(range(3), 3, async () => {
      const { reserveId, rentalId } = await library.lend();
      await patiently(() => library.tryReturn(rentalId));
      await library.viewBecomes(reserveId, { status: 'RETURN_COMPLETE', rentalId });
    });
    await library.libraryAgrees();
  });
});
