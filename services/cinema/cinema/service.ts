import type { Store } from '#kit/postgres/store.ts';
import { get, list } from '#kit/rpc/resource.ts';
import type { Handlers } from '#kit/rpc/server.ts';
import type { CinemaServiceService } from '#proto/cinema/cinema/v1/cinema.ts';
import type { bookingTable } from './store.ts';

/** Answers the calls of cinema.cinema.v1.CinemaService. */
export function cinemaService(bookings: Store<typeof bookingTable>): Handlers<typeof CinemaServiceService> {
  return {
    getBooking: async ({ bookingId }, context) => ({ booking: await get(bookings, bookingId, context) }),
    listBookings: (request, context) => list(bookings, request, context),
  };
}
