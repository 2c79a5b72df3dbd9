import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { topicOf } from '#kit/events/topics.ts';
import { Rented, Returned } from '#proto/rentalbook/rental/v1/events.ts';
import { Checked, CheckFailed, ReturnedBook, Subscribed, SubscriptionCancelled } from '#proto/rentalbook/system/v1/events.ts';
import { SystemServiceService } from '#proto/rentalbook/system/v1/system.ts';
import { allConsumed, eventsOf, redeliver, whileHeldBack } from '../support/events.ts';
import { eventually } from '../support/eventually.ts';
import { channel, client } from '../support/grpc.ts';
import { podService } from '../support/instance.ts';
import { Tap } from '../support/kafka.ts';
import { get, listAll } from '../support/rest.ts';
import { runSystem } from '../support/systems.ts';
import * as library from './support.ts';

/** All events of a book, causes before effects. */
const TYPES = [Subscribed, Rented, CheckFailed, Checked, ReturnedBook, Returned, SubscriptionCancelled] as const;

let tap: Tap;
beforeAll(async () => {
  await runSystem('rentalbook');
  // A topic without consumers exists from its first event on.
  await library.tryReturn((await library.lend()).rentalId);
  await library.libraryAgrees();
  tap = await Tap.open([...new Set(TYPES.map(({ $type }) => topicOf($type)))]);
});
afterAll(() => tap.close());

/** Waits until exactly these events of a book are published, and returns them in the order of TYPES. */
async function eventsBecome(bookId: string, expected: readonly { readonly $type: string }[]) {
  return await eventually(`the events of book ${bookId}`, () => {
    const events = eventsOf(tap, TYPES, (content) => content.bookId === bookId);
    expect(events.map(({ record }) => record.headers.ce_type)).toEqual(expected.map(({ $type }) => $type));
    return events;
  });
}

/** Waits until everything has happened that follows: these events, and no others. */
async function settles(bookId: string, expected: readonly { readonly $type: string }[]): Promise<void> {
  await allConsumed('rentalbook');
  await library.libraryAgrees();
  await eventsBecome(bookId, expected);
}

/** Everything that the system shows of a book. */
const everythingOf = async (bookId: string, userNms: readonly string[]) => ({
  book: await get(`/rentalbook/books/${bookId}`),
  reserves: await listAll('/rentalbook/reserves', 'reserves', { bookId }),
  rentals: await library.rentalsOf(bookId),
  returns: await listAll('/rentalbook/returns', 'returns', { bookId }),
  mypages: await Promise.all(userNms.map((userNm) => listAll('/rentalbook/mypages', 'mypages', { userNm }))),
});

const LENT = [Subscribed, Rented, Checked];
const RETURNED = [...LENT, ReturnedBook, Returned];
const STATES = ['BOOKING', 'START_RENTAL', 'ON_RENTAL', 'RETURN_COMPLETE'];

describe('the events of a book that a member returns and another cannot rent', () => {
  const EVENTS = [Subscribed, Subscribed, Rented, Rented, CheckFailed, Checked, ReturnedBook, Returned];

  it.each(['once more', 'backwards'] as const)('change nothing when they are delivered %s', async (direction) => {
    const { member, rentalId } = await library.lend();
    const other = library.memberOf(member);
    await library.reserve(other);
    await library.rentalBecomes((await library.rent(other)).rentalId, { status: 'REJECTED' });
    await library.tryReturn(rentalId);
    await settles(member.bookId, EVENTS);
    const names = [member.userNm, other.userNm];
    const [before, events] = [await everythingOf(member.bookId, names), await eventsBecome(member.bookId, EVENTS)];
    for (const { record } of direction === 'backwards' ? events.toReversed() : events) await redeliver(record);
    expect(await everythingOf(member.bookId, names)).toEqual(before);
    await settles(member.bookId, EVENTS);
  });
});

describe('a book whose events overtake each other', () => {
  const reserveOne = async () => await library.reserve(library.memberOf(await library.register()));

  /** Reserves and requests a book while the events of system are held back, and waits until system has checked the request. */
  async function request() {
    const member = library.memberOf(await library.register());
    const { reserveId } = await library.reserve(member);
    const { rentalId } = await library.rent(member);
    await eventually('the request is checked', async () => {
      const reserves = await listAll('/rentalbook/reserves', 'reserves', { userNm: member.userNm });
      expect(reserves).toMatchObject([{ status: 'USED', rentalId }]);
    });
    return { ...member, reserveId, rentalId };
  }

  const statesOf = async (reserveId: string) => {
    return (await get<library.Mypage>(`/rentalbook/mypages/${reserveId}`)).history.map(({ status }) => status);
  };

  it('the request before the reserve: the row of mypage begins with the reserve', async () => {
    const { bookId, reserveId, rentalId } = await whileHeldBack('rentalbook/system-1', reserveOne, async () => {
      const requested = await request();
      await allConsumed('rentalbook');
      expect(await listAll('/rentalbook/mypages', 'mypages', { userNm: requested.userNm })).toEqual([]);
      return requested;
    });
    await settles(bookId, LENT);
    await library.rentalBecomes(rentalId, { status: 'CONFIRMED' });
    await library.bookBecomes(bookId, 'ON_RENTAL');
    await library.viewBecomes(reserveId, { status: 'ON_RENTAL', rentalId });
    expect(await statesOf(reserveId)).toEqual(STATES.slice(0, 3));
  });

  it('the check and the return before the reserve: nothing is undone when the reserve arrives', async () => {
    const { bookId, reserveId, rentalId } = await whileHeldBack('rentalbook/system-1', reserveOne, async (overtake) => {
      const requested = await request();
      await overtake(Checked, requested.bookId);
      await library.rentalBecomes(requested.rentalId, { status: 'CONFIRMED' });
      await library.bookBecomes(requested.bookId, 'ON_RENTAL');
      expect(await library.tryReturn(requested.rentalId)).toMatchObject({ status: 'RETURNED' });
      await overtake(ReturnedBook, requested.bookId);
      await library.bookBecomes(requested.bookId, 'IN_STOCK');
      await library.viewBecomes(requested.reserveId, { status: 'RETURN_COMPLETE' });
      return requested;
    });
    await settles(bookId, RETURNED);
    await library.bookBecomes(bookId, 'IN_STOCK');
    await library.viewBecomes(reserveId, { status: 'RETURN_COMPLETE', rentalId });
    expect(await statesOf(reserveId)).toEqual(STATES);
  });

  it('the return before the check: the rental is returned, and the check changes nothing', async () => {
    const { bookId, reserveId, rentalId } = await whileHeldBack('rentalbook/system-1', reserveOne, async (overtake) => {
      const requested = await request();
      // rental would not call before it knows the check.
      await client(channel(podService('rentalbook/system-1')), SystemServiceService).returnBook(requested);
      await overtake(ReturnedBook, requested.bookId);
      await library.rentalBecomes(requested.rentalId, { status: 'RETURNED' });
      await library.bookBecomes(requested.bookId, 'IN_STOCK');
      return requested;
    });
    await settles(bookId, RETURNED);
    await library.rentalBecomes(rentalId, { status: 'RETURNED' });
    await library.bookBecomes(bookId, 'IN_STOCK');
    await library.viewBecomes(reserveId, { status: 'RETURN_COMPLETE', rentalId });
    expect(await statesOf(reserveId)).toEqual(STATES);
  });
});
