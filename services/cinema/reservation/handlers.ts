import type { EventHandler } from '#kit/events/events.ts';
import type { Store } from '#kit/postgres/store.ts';
import { BookingAccepted } from '#proto/cinema/cinema/v1/events.ts';
import { PaymentsUnconfirmed } from '#proto/cinema/payment/v1/events.ts';
import { confirm } from './domain.ts';
import type { Reserving } from './reserve.ts';
import type { reservationTable } from './store.ts';

/** Event handlers of the reservation service. */
export function reservationHandlers(reservations: Store<typeof reservationTable>, reserving: Reserving): EventHandler[] {
  return [
    reservations.on(BookingAccepted, (accepted) => ({ id: accepted.reservationId, rule: (row) => confirm(row, accepted) })),
    reservations.on(PaymentsUnconfirmed, ({ reservationIds }) =>
      reservationIds.map((reservationId) => reserving.releaseUnclaimed({ reservationId })),
    ),
  ];
}
