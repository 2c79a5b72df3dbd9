import type { Decision, Outcome } from '#kit/decision.ts';

/** What a customer wants to see, and when. */
export interface TicketRequest {
  readonly userId: string;
  /** A film or hall. */
  readonly cinemaNo: string;
  readonly time: string;
  /** In won. */
  readonly price: number;
}

/** A ticket as events of other services report it. */
export interface TicketDetails extends TicketRequest {
  readonly reservationId: string;
}

/**
 * A customer's reservation of one ticket. It is stored only when the outcome of its payment is known: REQUESTED, or REJECTED
 * (unknown, and any payment is being refunded). CANCELLED and REJECTED are final.
 */
export interface Reservation extends TicketDetails {
  readonly status: 'REQUESTED' | 'REJECTED' | 'RESERVED' | 'CANCELLED';
}

type Event = 'TicketRequested' | 'TicketReserved' | 'ReservationCancelled' | 'PaymentReleaseRequested';
type ReservationDecision<R extends string = never> = Decision<Reservation, Event, R>;

/** A reservation whose payment was completed. */
export function accept(reservationId: string, request: TicketRequest): Outcome<Reservation, Event> {
  return { state: { ...pick({ reservationId, ...request }), status: 'REQUESTED' }, events: ['TicketRequested'] };
}

/** A reservation whose payment has an unknown outcome. */
export function reject(reservationId: string, request: TicketRequest): Reservation {
  return { ...pick({ reservationId, ...request }), status: 'REJECTED' };
}

/** Takes the place of a reservation that was never stored although it is paid, so that a late acceptance fails. */
export function tombstone({ reservationId }: Pick<Reservation, 'reservationId'>): Reservation {
  return reject(reservationId, { userId: '', cinemaNo: '', time: '', price: 0 });
}

/** Cancels: payment refunds it. A cancelled reservation stays as it is; a rejected one is NOT_CANCELLABLE. */
export function cancel(reservation: Reservation): ReservationDecision<'NOT_CANCELLABLE'> {
  switch (reservation.status) {
    case 'REQUESTED':
    case 'RESERVED':
      return { state: { ...reservation, status: 'CANCELLED' }, events: ['ReservationCancelled'] };
    case 'CANCELLED':
      return undefined;
    case 'REJECTED':
      return 'NOT_CANCELLABLE';
  }
}

/**
 * Records that the cinema has accepted the booking. The cinema can accept before the reservation is stored, since the payment
 * makes it accept: the event then stores the reservation. A cancelled or rejected reservation stays as it is.
 */
export function confirm(reservation: Reservation | undefined, accepted: TicketDetails): ReservationDecision {
  switch (reservation?.status) {
    case undefined:
      return { state: { ...pick(accepted), status: 'RESERVED' }, events: ['TicketRequested', 'TicketReserved'] };
    case 'REQUESTED':
      return { state: { ...reservation, status: 'RESERVED' }, events: ['TicketReserved'] };
    case 'RESERVED':
    case 'CANCELLED':
    case 'REJECTED':
      return undefined;
  }
}

function pick({ reservationId, userId, cinemaNo, time, price }: TicketDetails): TicketDetails {
  return { reservationId, userId, cinemaNo, time, price };
}
