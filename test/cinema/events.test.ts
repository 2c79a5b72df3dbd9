import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { topicOf } from '#kit/events/topics.ts';
import { BookingAccepted, BookingCancelled } from '#proto/cinema/cinema/v1/events.ts';
import { PaymentCompleted, PaymentRefunded } from '#proto/cinema/payment/v1/events.ts';
import { ReservationCancelled, TicketRequested, TicketReserved } from '#proto/cinema/reservation/v1/events.ts';
import { allConsumed, eventsOf, redeliver, whileHeldBack } from '../support/events.ts';
import { eventually } from '../support/eventually.ts';
import { Tap } from '../support/kafka.ts';
import { listAll } from '../support/rest.ts';
import { runSystem } from '../support/systems.ts';
import { becomes, CANCELLED, cancel, informationOf, type OfTicket, RESERVED, reserve, type Statuses, ticketsAgree } from './support.ts';

/** All events of a reservation, causes before effects. */
const TYPES = [
  ...[TicketRequested, PaymentCompleted, BookingAccepted, TicketReserved],
  ...[ReservationCancelled, PaymentRefunded, BookingCancelled],
] as const;

let tap: Tap;
beforeAll(async () => {
  await runSystem('cinema');
  tap = await Tap.open([...new Set(TYPES.map(({ $type }) => topicOf($type)))]);
});
afterAll(() => tap.close());

/** Waits until exactly these events of a reservation are published, and returns them in the order of TYPES. */
async function eventsOfReservation(reservationId: string, expected: readonly { readonly $type: string }[]) {
  return await eventually(`the events of ${reservationId}`, () => {
    const events = eventsOf(tap, TYPES, (content) => content.reservationId === reservationId);
    expect(events.map(({ record }) => record.headers.ce_type)).toEqual(expected.map(({ $type }) => $type));
    return events;
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
    const events = await eventsOfReservation(reservationId, TYPES);
    const details = { reservationId, userId, cinemaNo, time, price };
    for (const { content } of events) expect(content).toMatchObject(details);
    expect(events.map(({ content: { version } }) => version)).toEqual([1, 1, 1, 2, 3, 2, 2]);
  });

  it.each(['once more', 'backwards'] as const)('change nothing when they are delivered %s', async (direction) => {
    const { reservationId } = await settled();
    const events = await eventsOfReservation(reservationId, TYPES);
    const before = await everythingOf(reservationId);
    for (const { record } of direction === 'backwards' ? events.toReversed() : events) await redeliver(record);
    expect(await everythingOf(reservationId)).toEqual(before);
    await becomes(reservationId, CANCELLED);
    await ticketsAgree();
    await eventsOfReservation(reservationId, TYPES);
  });
});

describe('a reservation whose events overtake each other', () => {
  /** Waits until everything has happened that follows: these statuses at all services, and these events and no others. */
  async function settles(reservationId: string, statuses: Statuses, events: readonly { readonly $type: string }[]): Promise<void> {
    await allConsumed('cinema');
    await becomes(reservationId, statuses);
    await ticketsAgree();
    await eventsOfReservation(reservationId, events);
  }

  it('a refund before the payment: nothing is booked', async () => {
    const { reservationId } = await whileHeldBack('cinema/payment-1', reserve, async (overtake) => {
      const reservation = await reserve();
      await cancel(reservation.reservationId);
      await becomes(reservation.reservationId, { reservation: 'CANCELLED', payment: 'REFUNDED', booking: undefined });
      const [payment] = await listAll<{ paymentId: string }>('/cinema/payments', 'payments', { reservation_id: reservation.reservationId });
      await overtake(PaymentRefunded, payment?.paymentId ?? '');
      await becomes(reservation.reservationId, CANCELLED);
      return reservation;
    });
    const events = [TicketRequested, PaymentCompleted, ReservationCancelled, PaymentRefunded, BookingCancelled];
    await settles(reservationId, CANCELLED, events);
  });

  it('a cancellation before the acceptance of the cinema: the reservation stays cancelled', async () => {
    const { reservationId } = await whileHeldBack('cinema/cinema-1', reserve, async () => {
      const reservation = await reserve();
      await becomes(reservation.reservationId, { reservation: 'REQUESTED', booking: 'RESERVED' });
      await cancel(reservation.reservationId);
      await becomes(reservation.reservationId, CANCELLED);
      return reservation;
    });
    const events = [TicketRequested, PaymentCompleted, BookingAccepted, ReservationCancelled, PaymentRefunded, BookingCancelled];
    await settles(reservationId, CANCELLED, events);
  });

  it('the acceptance before the request: information shows what is newest, and all states in their order', async () => {
    const statesOf = async (id: string) => (await informationOf(id)).history.map(({ status }) => status);
    const { reservationId } = await whileHeldBack('cinema/reservation-1', reserve, async () => {
      const reservation = await reserve();
      await becomes(reservation.reservationId, RESERVED);
      expect(await statesOf(reservation.reservationId)).toEqual(['PAID', 'RESERVED']);
      return reservation;
    });
    await settles(reservationId, RESERVED, [TicketRequested, PaymentCompleted, BookingAccepted, TicketReserved]);
    expect(await statesOf(reservationId)).toEqual(['REQUESTED', 'PAID', 'RESERVED']);
  });
});
