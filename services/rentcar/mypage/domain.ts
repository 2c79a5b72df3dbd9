/** What a customer sees of a reservation. */
export type Status = 'RESERVED' | 'ALLOCATED' | 'CANCELLED' | 'COMPLETED';

/** Who tells of a reservation: the reservation service or the rental service. Each numbers its own changes. */
export type Source = 'reservation' | 'rental';

/** The newest that one source has told: its status at its version. */
export interface Seen<S extends string> {
  readonly version: number;
  readonly status: S;
}

/** What is known of a reservation, by source. At least one has told something. */
export interface Known {
  readonly reservation?: Seen<'RESERVED' | 'CANCELLED'> | undefined;
  readonly rental?: Seen<'ALLOCATED' | 'CANCELLED' | 'COMPLETED'> | undefined;
}

/**
 * The customer's status, from whatever has arrived so far and in whatever order. A completed use is a fact; a cancellation by either side
 * counts before the other has followed.
 */
export function statusOf({ reservation, rental }: Known): Status {
  if (rental?.status === 'COMPLETED') return 'COMPLETED';
  if (reservation?.status === 'CANCELLED' || rental?.status === 'CANCELLED') return 'CANCELLED';
  return rental?.status === 'ALLOCATED' ? 'ALLOCATED' : 'RESERVED';
}

/** How far each source has told; 0 for one that has told nothing. */
export interface Versions {
  readonly reservation: number;
  readonly rental: number;
}

/** How far the sources have told of what is known. */
export function versionsOf({ reservation, rental }: Known): Versions {
  return { reservation: reservation?.version ?? 0, rental: rental?.version ?? 0 };
}

/** Whether some source has told more. None takes back what it has told. */
export function isNewer(one: Versions, other: Versions): boolean {
  return one.reservation > other.reservation || one.rental > other.rental;
}

/** Versions as a resume token: `2-1`. */
export function toResumeToken({ reservation, rental }: Versions): string {
  return `${reservation}-${rental}`;
}

/** The versions that a resume token stands for; an empty one stands for nothing told. */
export function fromResumeToken(token: string): Versions {
  const [reservation = 0, rental = 0] = token === '' ? [] : token.split('-').map(Number);
  return { reservation, rental };
}
