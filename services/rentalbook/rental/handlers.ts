import type { EventHandler } from '#kit/events/events.ts';
import type { Store } from '#kit/postgres/store.ts';
import { Checked, CheckFailed, ReturnedBook } from '#proto/rentalbook/system/v1/events.ts';
import { confirm, reject, settle } from './domain.ts';
import type { rentalTable } from './store.ts';

/** Event handlers of the rental service: the outcome of the check, and returns whose answer was lost. */
export function rentalHandlers(rentals: Store<typeof rentalTable>): EventHandler[] {
  return [
    rentals.on(Checked, ({ rentalId, reserveId }) => ({ id: rentalId, rule: (rental) => confirm(rental, reserveId) })),
    rentals.on(CheckFailed, ({ rentalId, reason }) => ({ id: rentalId, rule: (rental) => reject(rental, reason) })),
    rentals.on(ReturnedBook, ({ rentalId, reserveId }) => ({ id: rentalId, rule: (rental) => settle(rental, reserveId) })),
  ];
}
