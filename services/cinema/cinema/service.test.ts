import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Store } from '#kit/postgres/store.ts';
import { callContext } from '#kit/testing/call-context.ts';
import { MemoryDatabase } from '#kit/testing/memory-database.ts';
import { Booking_Status, ListBookingsRequest } from '#proto/cinema/cinema/v1/cinema.ts';
import { BookingAccepted, BookingCancelled } from '#proto/cinema/cinema/v1/events.ts';
import { PaymentCompleted, PaymentRefunded } from '#proto/cinema/payment/v1/events.ts';
import { cinemaHandlers } from './handlers.ts';
import { cinemaService } from './service.ts';
import { bookingTable } from './store.ts';

const ticket = { userId: 'anna', cinemaNo: 'AVATOR', time: '10:00', price: 12_000 };

function setUp() {
  const database = new MemoryDatabase([bookingTable]);
  const bookings = new Store(database, bookingTable);
  const service = cinemaService(bookings);
  const handlers = cinemaHandlers(bookings);
  const reservationId = randomUUID();
  const deliver = (type: typeof PaymentCompleted | typeof PaymentRefunded) =>
    database.deliver(handlers, type, type.fromPartial({ paymentId: randomUUID(), reservationId, ...ticket }));
  const list = async (more: Partial<ListBookingsRequest> = {}) =>
    (await service.listBookings(ListBookingsRequest.fromPartial(more), callContext())).bookings;
  return { database, service, reservationId, deliver, list };
}

describe('the booking of a reservation', () => {
  it('is accepted once it is paid, and can be read and found', async () => {
    const { database, service, reservationId, deliver, list } = setUp();
    await deliver(PaymentCompleted);
    const [booking] = await list({ reservationId });
    expect(booking).toMatchObject({ reservationId, ...ticket, status: Booking_Status.RESERVED });
    expect(await service.getBooking({ bookingId: booking?.bookingId ?? '' }, callContext())).toEqual({ booking });
    expect(await list({ cinemaNo: 'AVATOR', status: Booking_Status.RESERVED })).toEqual([booking]);
    expect(await list({ cinemaNo: 'OTHER' })).toEqual([]);
    expect(database.eventsOf(BookingAccepted)).toMatchObject([{ reservationId, ...ticket, version: 1 }]);
  });

  it('is one, and cancelled if there was a refund, whatever the order and number of the events', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(PaymentCompleted, PaymentRefunded), { minLength: 1, maxLength: 6 }), async (types) => {
        const { database, deliver, list } = setUp();
        for (const type of types) await deliver(type);
        const isRefunded = types.some((type) => type === PaymentRefunded);
        expect((await list()).map(({ status }) => status)).toEqual([isRefunded ? Booking_Status.CANCELLED : Booking_Status.RESERVED]);
        expect(database.eventsOf(BookingCancelled)).toHaveLength(isRefunded ? 1 : 0);
        expect(database.eventsOf(BookingAccepted)).toHaveLength(types[0] === PaymentCompleted ? 1 : 0);
      }),
    );
  });
});
