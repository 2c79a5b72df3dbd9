import type { EventHandler } from '#kit/events/events.ts';
import type { Store } from '#kit/postgres/store.ts';
import { HoldsUnconfirmed } from '#proto/rentcar/car/v1/events.ts';
import { UseCompleted } from '#proto/rentcar/rental/v1/events.ts';
import { complete } from './domain.ts';
import type { Reserving } from './reserve.ts';
import type { reservationTable } from './store.ts';

/** Event handlers of the reservation service. */
export function reservationHandlers(reservations: Store<typeof reservationTable>, reserving: Reserving): EventHandler[] {
  return [
    reservations.on(UseCompleted, ({ reservationId }) => ({ id: reservationId, rule: complete })),
    reservations.on(HoldsUnconfirmed, ({ holds }) => holds.map((hold) => reserving.releaseUnclaimed(hold))),
  ];
}
