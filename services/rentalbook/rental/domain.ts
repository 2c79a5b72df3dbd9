import type { Decision, Outcome } from '#kit/decision.ts';

/** A member's request for a book. */
export interface RentalRequest {
  readonly bookId: string;
  readonly bookNm: string;
  readonly userNm: string;
}

/** A request for a book, and what became of it. REJECTED and RETURNED are final. */
export interface Rental extends RentalRequest {
  readonly rentalId: string;
  readonly status: 'REQUESTED' | 'CONFIRMED' | 'REJECTED' | 'RETURNED';
  /** Why it was rejected: NOT_RESERVED or ALREADY_RENTED; else empty. */
  readonly reason: string;
  /** The reserve that it has used; empty unless it was confirmed. */
  readonly reserveId: string;
}

type Rented = { readonly Rented: { readonly requestTime: Date } };
type RentalDecision<R extends string = never> = Decision<Rental, 'Returned', R>;

/** A new request. */
export function rent(rentalId: string, { bookId, bookNm, userNm }: RentalRequest, requestTime: Date): Outcome<Rental, Rented> {
  const state: Rental = { rentalId, bookId, bookNm, userNm, status: 'REQUESTED', reason: '', reserveId: '' };
  return { state, events: [{ Rented: { requestTime } }] };
}

/** Confirms a rental that passed the check. Other rentals stay as they are. A check without a rental is UNKNOWN_RENTAL. */
export function confirm(rental: Rental | undefined, reserveId: string): RentalDecision<'UNKNOWN_RENTAL'> {
  if (rental === undefined) return 'UNKNOWN_RENTAL';
  return rental.status === 'REQUESTED' ? { state: { ...rental, status: 'CONFIRMED', reserveId }, events: [] } : undefined;
}

/** Rejects a rental that did not pass the check. Other rentals stay as they are. A check without a rental is UNKNOWN_RENTAL. */
export function reject(rental: Rental | undefined, reason: string): RentalDecision<'UNKNOWN_RENTAL'> {
  if (rental === undefined) return 'UNKNOWN_RENTAL';
  return rental.status === 'REQUESTED' ? { state: { ...rental, status: 'REJECTED', reason }, events: [] } : undefined;
}

/** Ends a rental whose return system has recorded. A returned rental stays as it is; others are NOT_RETURNABLE. */
export function giveBack(rental: Rental): RentalDecision<'NOT_RETURNABLE'> {
  switch (rental.status) {
    case 'CONFIRMED':
      return { state: { ...rental, status: 'RETURNED' }, events: ['Returned'] };
    case 'RETURNED':
      return undefined;
    case 'REQUESTED':
    case 'REJECTED':
      return 'NOT_RETURNABLE';
  }
}

/** Ends a rental whose return system reports, also if the answer of the return was lost or the report overtakes the check. */
export function settle(rental: Rental | undefined, reserveId: string): RentalDecision<'UNKNOWN_RENTAL'> {
  const confirmed = confirm(rental, reserveId);
  if (typeof confirmed === 'string') return confirmed;
  const current = confirmed?.state ?? rental;
  return current?.status === 'CONFIRMED' ? { state: { ...current, status: 'RETURNED' }, events: ['Returned'] } : undefined;
}
