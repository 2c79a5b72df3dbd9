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
