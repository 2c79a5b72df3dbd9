import type { Decision, Outcome } from '#kit/decision.ts';

/** A customer's request for a car. */
export interface ReservationRequest {
  readonly carId: string;
  readonly userId: string;
  readonly userName: string;
  /** YYYY-MM-DD or empty. */
  readonly reservedDate: string;
}

/**
 * A customer's claim on one car. It is stored only when its outcome is known: RESERVED (stock is held), or REJECTED (the outcome
 * of the stock check is unknown, and any stock that may be held is given back). REJECTED and COMPLETED are final.
 */
export interface Reservation extends ReservationRequest {
  readonly reservationId: string;
  /** Empty where the stock check did not answer. */
  readonly carName: string;
  readonly status: 'RESERVED' | 'REJECTED' | 'CANCELLED' | 'COMPLETED';
}

/** The stock of a car that is held for a reservation. */
export interface Hold {
  readonly reservationId: string;
  readonly carId: string;
}

type Event = 'CarReserved' | 'ReservationCancelled' | 'StockReleaseRequested';
type ReservationDecision<R extends string = never> = Decision<Reservation, Event, R>;

/** A reservation whose stock was granted. */
export function accept(reservationId: string, request: ReservationRequest, carName: string): Outcome<Reservation, Event> {
  return { state: { reservationId, ...pick(request), carName, status: 'RESERVED' }, events: ['CarReserved'] };
}

/** A reservation whose stock check has an unknown outcome. */
export function reject(reservationId: string, request: ReservationRequest): Reservation {
  return { reservationId, ...pick(request), carName: '', status: 'REJECTED' };
}

/** Takes the place of a reservation that was never stored although stock is held for it, so that a late acceptance fails. */
export function tombstone({ reservationId, carId }: Hold): Reservation {
  return reject(reservationId, { carId, userId: '', userName: '', reservedDate: '' });
}

/** Cancels. A cancelled reservation stays as it is; a rejected or completed one is NOT_CANCELLABLE. */
export function cancel(reservation: Reservation): ReservationDecision<'NOT_CANCELLABLE'> {
  switch (reservation.status) {
    case 'RESERVED':
      return { state: { ...reservation, status: 'CANCELLED' }, events: ['ReservationCancelled'] };
    case 'CANCELLED':
      return undefined;
    case 'REJECTED':
    case 'COMPLETED':
      return 'NOT_CANCELLABLE';
  }
}

/**
 * Records that the car was used and is back. That is a fact, so it also outweighs a cancellation that came too late to stop it.
 * A rejected or missing reservation never had a car: NOT_RESERVED.
 */
export function complete(reservation: Reservation | undefined): ReservationDecision<'NOT_RESERVED'> {
  switch (reservation?.status) {
    case 'RESERVED':
    case 'CANCELLED':
      return { state: { ...reservation, status: 'COMPLETED' }, events: [] };
    case 'COMPLETED':
      return undefined;
    case 'REJECTED':
    case undefined:
      return 'NOT_RESERVED';
  }
}

function pick({ carId, userId, userName, reservedDate }: ReservationRequest): ReservationRequest {
  return { carId, userId, userName, reservedDate };
}
