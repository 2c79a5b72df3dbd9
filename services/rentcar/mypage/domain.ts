/** The service that publishes changes of a reservation. Each numbers its own changes. */
export type Source = 'reservation' | 'rental';

/** Statuses of a view, by the numbers of the contract. A greater number outweighs a smaller one, see `prevailing`. */
export const STATUS = { RESERVED: 1, ALLOCATED: 2, CANCELLED: 3, COMPLETED: 4 } as const;

export type Status = (typeof STATUS)[keyof typeof STATUS];

/**
 * The status of a view that events gave both statuses, in any order: a completed use is a fact, and a cancellation by either service counts
 * before the other has followed. The store applies the same rule by `$max`.
 */
export function prevailing(one: Status, other: Status): Status {
  return one > other ? one : other;
}

/** The version of each source that a view shows; 0 for none. */
export interface Versions {
  readonly reservation: number;
  readonly rental: number;
}

/** Whether some source has a higher version. Versions never decrease. */
export function isNewer(one: Versions, other: Versions): boolean {
  return one.reservation > other.reservation || one.rental > other.rental;
}

/** Versions as a resume token: `2-1`. */
export function toResumeToken({ reservation, rental }: Versions): string {
  return `${reservation}-${rental}`;
}

/** The versions that a resume token stands for; an empty one stands for no version. */
export function fromResumeToken(token: string): Versions {
  const [reservation = 0, rental = 0] = token === '' ? [] : token.split('-').map(Number);
  return { reservation, rental };
}
