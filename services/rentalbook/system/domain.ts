import type { Decision, Outcome } from '#kit/decision.ts';

/** A book and a member. */
export interface BookOfMember {
  readonly bookId: string;
  readonly bookNm: string;
  readonly userNm: string;
}

/** A member's claim on a book. USED and CANCELLED are final. A member has at most one ACTIVE reserve of a book. */
export interface Reserve extends BookOfMember {
  readonly reserveId: string;
  readonly status: 'ACTIVE' | 'USED' | 'CANCELLED';
  /** The rental that has used it; else empty. */
  readonly rentalId: string;
}

/** A book as system knows it. `userNm`, `bookNm`, `rentalId` and `reserveId` are those of the rental, empty in the library. */
export interface Circulation extends BookOfMember {
  readonly activeReserves: number;
  readonly onRental: boolean;
  readonly rentalId: string;
  readonly reserveId: string;
}

/** The outcome of the check of a rental. `reason`: why it failed; empty if it passed. */
export interface Check {
  readonly rentalId: string;
  readonly bookId: string;
  readonly userNm: string;
  readonly reason: '' | 'NOT_RESERVED' | 'ALREADY_RENTED';
}

/** A member's request for a book, as the rental service reports it. */
export interface RentalRequest extends BookOfMember {
  readonly rentalId: string;
  readonly requestTime: Date | undefined;
}

type ReserveFields = BookOfMember & { readonly reserveId: string };
type CirculationEvent =
  | { readonly Subscribed: ReserveFields & { readonly statusText: string } }
  | { readonly SubscriptionCancelled: ReserveFields }
  | { readonly Checked: ReserveFields & { readonly rentalId: string; readonly startTime: Date | undefined } };
type Returned = { readonly ReturnedBook: ReserveFields & { readonly rentalId: string; readonly returnId: string } };
type CheckFailed = { readonly CheckFailed: { readonly refusedRequestTime: Date | undefined } };

/** What a step at the desk changes, in one transaction. */
export interface DeskOutcome {
  readonly circulation?: Outcome<Circulation, CirculationEvent>;
  readonly reserve?: Reserve;
  readonly check?: Outcome<Check, CheckFailed>;
}

/** A book in the library that nobody has reserved. */
export function inLibrary(bookId: string): Circulation {
  return { bookId, bookNm: '', userNm: '', activeReserves: 0, onRental: false, rentalId: '', reserveId: '' };
}

/** Adds a reserve. */
export function reserve(circulation: Circulation, reserveId: string, request: BookOfMember, statusText: string): DeskOutcome {
  const { bookId, bookNm, userNm } = request;
  const state = { ...circulation, activeReserves: circulation.activeReserves + 1 };
  return {
    circulation: { state, events: [{ Subscribed: { reserveId, bookId, bookNm, userNm, statusText } }] },
    reserve: { reserveId, bookId, bookNm, userNm, status: 'ACTIVE', rentalId: '' },
  };
}

/** Cancels a reserve. A cancelled one stays as it is; a used one is NOT_CANCELLABLE. */
export function cancel(circulation: Circulation, existing: Reserve): DeskOutcome | 'NOT_CANCELLABLE' | undefined {
  switch (existing.status) {
    case 'ACTIVE': {
      const state = { ...circulation, activeReserves: circulation.activeReserves - 1 };
      return {
        circulation: { state, events: [{ SubscriptionCancelled: fieldsOf(existing) }] },
        reserve: { ...existing, status: 'CANCELLED' },
      };
    }
    case 'CANCELLED':
      return undefined;
    case 'USED':
      return 'NOT_CANCELLABLE';
  }
}

/**
 * Checks a rental: its member needs an ACTIVE reserve, and the book must be in the library. The member then has the book, and the
 * reserve is USED.
 */
export function check(circulation: Circulation | undefined, active: Reserve | undefined, request: RentalRequest): DeskOutcome {
  const { rentalId, bookId, userNm, requestTime } = request;
  const outcome = { rentalId, bookId, userNm };
  if (circulation === undefined || active === undefined || circulation.onRental) {
    const reason = active === undefined ? 'NOT_RESERVED' : 'ALREADY_RENTED';
    return { check: { state: { ...outcome, reason }, events: [{ CheckFailed: { refusedRequestTime: requestTime } }] } };
  }
  const fields = fieldsOf(active);
  const state = { ...circulation, ...fields, rentalId, activeReserves: circulation.activeReserves - 1, onRental: true };
  return {
    circulation: { state, events: [{ Checked: { ...fields, rentalId, startTime: requestTime } }] },
    reserve: { ...active, status: 'USED', rentalId },
    check: { state: { ...outcome, reason: '' }, events: [] },
  };
}

/** Brings a book back into the library. A book that is not out under this rental is NOT_RENTED. */
export function giveBack(
  circulation: Circulation | undefined,
  rentalId: string,
  returnId: string,
): Exclude<Decision<Circulation, Returned, 'NOT_RENTED'>, undefined> {
  if (circulation?.rentalId !== rentalId) return 'NOT_RENTED';
  const { activeReserves, bookId } = circulation;
  const returned = { ...fieldsOf(circulation), rentalId, returnId };
  return { state: { ...inLibrary(bookId), activeReserves }, events: [{ ReturnedBook: returned }] };
}

function fieldsOf({ reserveId, bookId, bookNm, userNm }: ReserveFields): ReserveFields {
  return { reserveId, bookId, bookNm, userNm };
}
