import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Envelope, EventType } from '#kit/events/events.ts';
import { rowReader, type StoredRow } from '#kit/projection/row.ts';
import { changeReader, merge, type RowChange } from '#kit/projection/row-changes.ts';
import { Mypage_Status } from '#proto/rentalbook/mypage/v1/mypage.ts';
import { Rented } from '#proto/rentalbook/rental/v1/events.ts';
import { Checked, CheckFailed, ReturnedBook, Subscribed, SubscriptionCancelled } from '#proto/rentalbook/system/v1/events.ts';
import { mypages } from './mypages.ts';

const { BOOKING, START_RENTAL, ON_RENTAL, RETURN_COMPLETE, CANCELLED } = Mypage_Status;

const [bookId, first, second] = [randomUUID(), randomUUID(), randomUUID()];
const fields = { bookId, bookNm: 'apple', userNm: 'melon' };

interface Delivered {
  readonly event: unknown;
  readonly envelope: Envelope;
}

/** An event that happened so many milliseconds after 1970. */
function at<T>(time: number, type: EventType<T>, event: T): Delivered {
  const envelope = { id: randomUUID(), type: type.$type, key: '', time: new Date(time), topic: '', partition: 0, offset: '0', trace: {} };
  return { event, envelope };
}

const book = (time: number, version: number) => ({ ...fields, activeReserves: 0, onRental: false, version, time });
const subscribed = (time: number, version: number, reserveId: string) =>
  at(time, Subscribed, { ...book(time, version), reserveId, statusText: 'Booking' });
const rented = (time: number) => at(time, Rented, { ...fields, rentalId: randomUUID(), requestTime: new Date(time), version: 1 });
const failed = (time: number, requested: number) =>
  at(time, CheckFailed, {
    ...fields,
    rentalId: randomUUID(),
    reason: 'ALREADY_RENTED',
    refusedRequestTime: new Date(requested),
    version: 1,
  });
const rentalId = randomUUID();
const checked = (time: number, version: number, requested: number, reserveId: string) =>
  at(time, Checked, { ...book(time, version), reserveId, rentalId, startTime: new Date(requested) });
const returned = (time: number, version: number, reserveId: string) =>
  at(time, ReturnedBook, { ...book(time, version), reserveId, rentalId, returnId: randomUUID() });
const cancelled = (time: number, version: number, reserveId: string) =>
  at(time, SubscriptionCancelled, { ...book(time, version), reserveId });

/** Returns the views that follow from events, by reserve id. */
function viewsOf(delivered: readonly Delivered[]) {
  const { rows, aliases, links } = changeReader(mypages)(
    delivered.map(({ event }) => event),
    delivered.map(({ envelope }) => envelope),
  );
  for (const { alias, key } of links) {
    const change = aliases.get(alias);
    if (change !== undefined) merge(rows, key, change);
  }
  return new Map([...rows].map(([key, change]) => [key, mypages.toView(rowReader(mypages)(storedRow(key, change)))]));
}

/** Returns what MongoDB stores for changes: paths become nested documents. */
function storedRow(_id: string, { max, set }: RowChange): StoredRow {
  const stored: Record<string, unknown> = { _id, applyTime: new Date(), ...set };
  for (const [path, rank] of max) {
    const [name = '', field] = path.split('.');
    stored[name] = field === undefined ? rank : { ...(stored[name] as object | undefined), [field]: rank };
  }
  return stored as unknown as StoredRow;
}

const stepsOf = (events: readonly Delivered[], reserveId = first) =>
  viewsOf(events)
    .get(reserveId)
    ?.history.map(({ status }) => status);

describe('the view of a reserve', () => {
  it('follows the member step by step', () => {
    const life = [subscribed(10, 1, first), rented(20), checked(30, 2, 20, first), returned(40, 3, first)];
    const shown = life.map((_, index) => viewsOf(life.slice(0, index + 1)).get(first));
    expect(shown.map((view) => view?.statusText)).toEqual(['Booking', 'Start Rental', 'On rental', 'Return Complete']);
    expect(shown.map((view) => view?.status)).toEqual([BOOKING, START_RENTAL, ON_RENTAL, RETURN_COMPLETE]);
    expect(shown.map((view) => view?.rentalId)).toEqual(['', '', rentalId, rentalId]);
    expect(stepsOf(life)).toEqual([BOOKING, START_RENTAL, ON_RENTAL, RETURN_COMPLETE]);
  });

  it('stays as it was when a rental is rejected, and shows why until the next request', () => {
    const life = [subscribed(10, 1, first), rented(20), failed(30, 20)];
    expect(viewsOf(life).get(first)).toMatchObject({ status: BOOKING, statusText: 'Booking', reason: 'ALREADY_RENTED' });
    expect(stepsOf(life)).toEqual([BOOKING]);
    expect(viewsOf([...life, rented(40)]).get(first)).toMatchObject({ status: START_RENTAL, reason: '' });
    expect(viewsOf([...life, rented(40), checked(50, 2, 40, first)]).get(first)).toMatchObject({ status: ON_RENTAL, reason: '' });
  });

  it('is not changed by requests under an earlier or a later reserve', () => {
    const life = [subscribed(10, 1, first), rented(20), checked(30, 2, 20, first), returned(40, 3, first), subscribed(50, 4, second)];
    expect(viewsOf(life).get(second)).toMatchObject({ status: BOOKING, reason: '', rentalId: '' });
    const again = [...life, rented(60)];
    expect(viewsOf(again).get(second)).toMatchObject({ status: START_RENTAL });
    expect(viewsOf(again).get(first)).toMatchObject({ status: RETURN_COMPLETE, rentalId });
    expect(stepsOf(again)).toEqual([BOOKING, START_RENTAL, ON_RENTAL, RETURN_COMPLETE]);
  });

  it('shows a cancellation, and nothing of earlier refusals', () => {
    const life = [subscribed(10, 1, first), rented(20), failed(30, 20), cancelled(40, 2, first)];
    expect(viewsOf(life).get(first)).toMatchObject({ status: CANCELLED, statusText: 'Cancelled', reason: '' });
  });

  it('is the same in every order and number of the events', () => {
    const life = [
      ...[subscribed(10, 1, first), rented(20), failed(30, 20), rented(40), checked(50, 2, 40, first), returned(60, 3, first)],
      ...[subscribed(70, 4, second), rented(80), failed(90, 80)],
    ];
    const expected = viewsOf(life);
    const orders = fc
      .tuple(fc.shuffledSubarray(life, { minLength: life.length }), fc.subarray(life))
      .map(([all, again]) => [...all, ...again]);
    fc.assert(
      fc.property(orders, (events) => {
        const views = viewsOf(events);
        for (const [reserveId, view] of expected) expect(views.get(reserveId)).toEqual(view);
      }),
    );
  });
});
