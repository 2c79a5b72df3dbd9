import type { Decision } from '#kit/decision.ts';

/** A paid ticket as the events of payment report it. */
export interface TicketDetails {
  readonly reservationId: string;
  readonly userId: string;
  readonly cinemaNo: string;
  readonly time: string;
  /** In won. */
  readonly price: number;
}

/** What the cinema keeps for one reservation. CANCELLED is final. */
export interface Booking extends TicketDetails {
  readonly bookingId: string;
  readonly status: 'RESERVED' | 'CANCELLED';
}

type BookingDecision = Decision<Booking, 'BookingAccepted' | 'BookingCancelled'>;

/** Accepts a paid ticket, once. An existing booking stays as it is, also where the refund came first. */
export function accept(existing: Booking | undefined, ticket: TicketDetails, bookingId: string): BookingDecision {
  return existing === undefined ? { state: reserved(ticket, bookingId), events: ['BookingAccepted'] } : undefined;
}

/** Cancels the booking of a refunded ticket. A refund that arrives before the payment leaves a cancelled booking. */
export function cancel(existing: Booking | undefined, ticket: TicketDetails, bookingId: string): BookingDecision {
  const booking = existing ?? reserved(ticket, bookingId);
  return booking.status === 'RESERVED' ? { state: { ...booking, status: 'CANCELLED' }, events: ['BookingCancelled'] } : undefined;
}

function reserved({ reservationId, userId, cinemaNo, time, price }: TicketDetails, bookingId: string): Booking {
  return { bookingId, reservationId, userId, cinemaNo, time, price, status: 'RESERVED' };
}
