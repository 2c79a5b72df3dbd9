import { Information_Status } from '#proto/cinema/information/v1/information.ts';
import { type Agreement, agreementInvariant } from '../../../dev/checks/agreement.ts';

/** What the services have of one reservation. */
export const tickets: Agreement = {
  system: 'cinema',
  id: 'reservation_id',
  tables: { reservation: 'reservations', payment: 'payments', cinema: 'bookings' },
  view: { service: 'information', collection: 'informations', statuses: Information_Status },
  agreeing: {
    RESERVED: { payment: ['COMPLETED'], cinema: ['RESERVED'], information: ['RESERVED'] },
    CANCELLED: { payment: ['REFUNDED'], cinema: ['CANCELLED'], information: ['REFUNDED'] },
    // The payment may never have been completed.
    REJECTED: { payment: ['REFUNDED', '-'], cinema: ['CANCELLED', '-'], information: ['REFUNDED', '-'] },
  },
};

/** Nobody pays for a ticket that is not booked, and nobody has a ticket that is not paid. */
export const invariant = agreementInvariant(tickets, {
  condition:
    'Every reserved booking has a completed payment and a reservation that is reserved, every cancelled reservation has its payment refunded and no reserved booking, and every completed payment has a reservation.',
  // A process that died may have left a payment without a reservation, whose lease is 30 s.
  settleSeconds: 45,
});
