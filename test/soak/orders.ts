/** The paths by which the soak's calls enter. */
export type Protocol = 'REST' | 'Connect';

/** One wish of a user: a reservation under one idempotency key, and what the system has acknowledged about it. */
export interface Order {
  /** Also the user name of the reservation, by which the stored one is found. */
  readonly id: string;
  readonly userId: string;
  /** As sent; may be in upper case. */
  readonly carId: string;
  readonly key: string | undefined;
  /** Set once the reservation was acknowledged. */
  reservationId: string | undefined;
  /** The final answer to the reservation; undefined while there is none. `unknown`: UNAVAILABLE without a key to repeat under. */
  outcome: 'reserved' | 'refused' | 'unknown' | undefined;
  cancelRequested: boolean;
  cancelled: boolean;
  completeRequested: boolean;
  completed: boolean;
}

/** An order that nothing has been asked for yet. */
export function newOrder(order: Pick<Order, 'id' | 'userId' | 'carId' | 'key'>): Order {
  return {
    ...order,
    reservationId: undefined,
    outcome: undefined,
    cancelRequested: false,
    cancelled: false,
    completeRequested: false,
    completed: false,
  };
}

/** The status that the acknowledged answers demand. A completed use outweighs a cancellation. */
export function acknowledgedStatus(order: Order): 'RESERVED' | 'CANCELLED' | 'COMPLETED' {
  if (order.completed) return 'COMPLETED';
  return order.cancelled ? 'CANCELLED' : 'RESERVED';
}
