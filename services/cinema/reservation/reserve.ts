import { GuardedCall } from '#kit/guarded-call/caller.ts';
import type { Store } from '#kit/postgres/store.ts';
import type { Client } from '#kit/rpc/client.ts';
import type { PaymentServiceService } from '#proto/cinema/payment/v1/payment.ts';
import { accept, reject, type TicketRequest, tombstone } from './domain.ts';
import type { reservationTable } from './store.ts';

/** Reserving a ticket: payment completes its payment before the reservation is stored. */
export type Reserving = ReturnType<typeof reserving>;

/** Returns the guarded call that reserves a ticket. */
export function reserving(reservations: Store<typeof reservationTable>, payment: Client<typeof PaymentServiceService>) {
  return new GuardedCall({
    entities: reservations,
    call: (reservationId, { userId, cinemaNo, time, price }: TicketRequest, context) =>
      payment.completePayment({ reservationId, userId, cinemaNo, time, price }, context),
    accept: (reservationId, request) => accept(reservationId, request),
    release: { event: 'PaymentReleaseRequested', reject, tombstone },
    unavailable: { reason: 'PAYMENT_UNCHECKED', message: 'the payment could not be checked; nothing was reserved, please try again' },
  });
}
