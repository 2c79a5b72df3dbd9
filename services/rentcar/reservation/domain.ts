/**
 * Where a reservation stands. It is stored only when its outcome is known: RESERVED (stock is held), or REJECTED (the outcome of the stock
 * check is unknown, and any stock that may be held is given back). REJECTED and COMPLETED are final.
 */
export type Status = 'RESERVED' | 'REJECTED' | 'CANCELLED' | 'COMPLETED';

/** A customer's request for a car. */
export interface ReservationRequest {
  readonly carId: string;
  readonly userId: string;
  readonly userName: string;
  /** YYYY-MM-DD or empty. */
  readonly reservedDate: string;
}

/** A customer's claim on one car. `version` grows by one with each change. */
export interface Reservation extends ReservationRequest {
  readonly reservationId: string;
  /** Empty where the stock check did not answer. */
  readonly carName: string;
  readonly status: Status;
  readonly version: number;
}

/** A reservation whose stock was granted. */
export function accept(reservationId: string, request: ReservationRequest, carName: string): Reservation {
  return { reservationId, ...pick(request), carName, status: 'RESERVED', version: 1 };
}

/** A reservation whose stock check has an unknown outcome. */
export function reject(reservationId: string, request: ReservationRequest): Reservation {
  return { reservationId, ...pick(request), carName: '', status: 'REJECTED', version: 1 };
}

/** What stands in the place of a reservation that was never stored although stock is held for it: a late accept must fail. */
export function tombstone(reservationId: string, carId: string): Reservation {
  return reject(reservationId, { carId, userId: '', userName: '', reservedDate: '' });
}

/** Cancels. A cancelled reservation comes back as it is; a rejected or completed one is NOT_CANCELLABLE. */
export function cancel(reservation: Reservation): Reservation | 'NOT_CANCELLABLE' {
  switch (reservation.status) {
    case 'RESERVED':
      return { ...reservation, status: 'CANCELLED', version: reservation.version + 1 };
    case 'CANCELLED':
      return reservation;
    case 'REJECTED':
    case 'COMPLETED':
      return 'NOT_CANCELLABLE';
  }
}

/**
 * Records that the car was used and is back. That is a fact, so it also outweighs a cancellation that came too late to stop it.
 * A rejected reservation never had a car: NOT_RESERVED.
 */
export function complete(reservation: Reservation): Reservation | 'NOT_RESERVED' {
  switch (reservation.status) {
    case 'RESERVED':
    case 'CANCELLED':
      return { ...reservation, status: 'COMPLETED', version: reservation.version + 1 };
    case 'COMPLETED':
      return reservation;
    case 'REJECTED':
      return 'NOT_RESERVED';
  }
}

/** Whether a repeated request asks for the same as before. */
export function sameRequest(a: ReservationRequest, b: ReservationRequest): boolean {
  return a.carId === b.carId && a.userId === b.userId && a.userName === b.userName && a.reservedDate === b.reservedDate;
}

function pick({ carId, userId, userName, reservedDate }: ReservationRequest): ReservationRequest {
  return { carId, userId, userName, reservedDate };
}
