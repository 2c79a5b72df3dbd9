import type { Invariant } from '../../../dev/systems/descriptor.ts';
import { differences, readTickets, ticketLines } from './tickets.ts';

/** Nobody pays for a ticket that is not booked, and nobody has a ticket that is not paid. */
export const invariant: Invariant = {
  condition:
    'Every reserved booking has a completed payment and a reservation that is reserved, every cancelled reservation has its payment refunded and no reserved booking, and every completed payment has a reservation.',
  // A process that died may have left a payment without a reservation, whose lease is 30 s.
  settleSeconds: 45,
  read: async (stores) => {
    const snapshot = await readTickets(stores);
    return {
      header: ['reservation', 'status', 'payment', 'booking', 'information'],
      rows: ticketLines(snapshot).map(({ reservationId, reservation, payment, booking, shown }) => [
        reservationId,
        reservation,
        payment,
        booking,
        shown,
      ]),
      violations: differences(snapshot),
    };
  },
};
