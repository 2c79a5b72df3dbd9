import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BookingAccepted, BookingCancelled } from '#proto/cinema/cinema/v1/events.ts';
import { PaymentCompleted, PaymentRefunded } from '#proto/cinema/payment/v1/events.ts';
import { ReservationCancelled, TicketRequested, TicketReserved } from '#proto/cinema/reservation/v1/events.ts';
import { eventually } from '../support/eventually.ts';
import { consumed, Tap, write } from '../support/kafka.ts';
import { listAll } from '../support/rest.ts';
import { runSystem } from '../support/systems.ts';
import { becomes, CANCELLED, cancel, informationOf, type OfTicket, RESERVED, reserve } from './support.ts';

/** The groups that apply the events of each topic. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  'cinema.reservation.v1': ['cinema.information'],
  'cinema.reservation.v1.cancellations': ['cinema.payment', 'cinema.information'],
  'cinema.payment.v1': ['cinema.cinema', 'cinema.information'],
  'cinema.cinema.v1': ['cinema.reservation', 'cinema.information'],
};

const TYPES = [
  TicketRequested,
  PaymentCompleted,
  BookingAccepted,
  TicketReserved,
  ReservationCancelled,
  PaymentRefunded,
  BookingCancelled,
] as const;

let tap: Tap;
beforeAll(async () => {
  await runSystem('cinema');
  tap = await Tap.open(Object.keys(GROUPS));
});
afterAll(() => tap.close());

/** The events of a cancelled reservation, causes before effects: one of each type. */
async function eventsOf(reservationId: string) {
  return await eventually(`the events of ${reservationId}`, () => {
    const found = tap.records.flatMap((record) => {
      const type = TYPES.find(({ $type }) => $type === record.headers.ce_type);
      const content = type?.decode(record.value);
      return type !== undefined && content?.reservationId === reservationId ? [{ type, content, record }] : [];
    });
    expect(found.map(({ type }) => type.$type).toSorted()).toEqual(TYPES.map(({ $type }) => $type).toSorted());
    return TYPES.flatMap((wanted) => found.filter(({ type }) => type === wanted));
  });
}

async function settled(): Promise<OfTicket> {
  const reservation = await reserve();
  await becomes(reservation.reservationId, RESERVED);
  await cancel(reservation.reservationId);
  await becomes(reservation.reservationId, CANCELLED);
  return reservation;
}

/** Everything that the system shows of a reservation. */
const everythingOf = async (reservationId: string) => ({
  payments: await listAll('/cinema/payments', 'payments', { reservation_id: reservationId }),
  bookings: await listAll('/cinema/bookings', 'bookings', { reservation_id: reservationId }),
  information: await informationOf(reservationId),
});

describe('the events of a reservation', () => {
  it('are published once each, with the version of their aggregate and all details', async () => {
    const { reservationId, userId, cinemaNo, time, price } = await settled();
    const events = await eventsOf(reservationId);
    const details = { reservationId, userId, cinemaNo, time, price };
    for (const { content } of events) expect(content).toMatchObject(details);
    expect(events.map(({ content: { version } }) => version)).toEqual([1, 1, 1, 2, 3, 2, 2]);
  });

  it.each<[string, (count: number) => number[]]>([
    ['once more', (count) => [...Array(count).keys()]],
    ['backwards', (count) => [...Array(count).keys()].toReversed()],
  ])('change nothing when they are delivered %s', async (_, order) => {
    const { reservationId } = await settled();
    const events = await eventsOf(reservationId);
    const before = await everythingOf(reservationId);
    for (const index of order(events.length)) {
      const record = events[index]?.record;
      if (record === undefined) throw new Error('unreachable: the index is of an event');
      const { topic, key, value, headers } = record;
      await consumed(GROUPS[topic] ?? [], await write({ topic, key, value, headers }));
    }
    expect(await everythingOf(reservationId)).toEqual(before);
    await becomes(reservationId, CANCELLED);
  });
});
