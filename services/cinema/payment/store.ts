import { enumOf, integer, table, text, uuid } from '#kit/postgres/table.ts';
import { PaymentCompleted, PaymentRefunded } from '#proto/cinema/payment/v1/events.ts';
import { Payment_Status } from '#proto/cinema/payment/v1/payment.ts';

/** Payments. */
export const paymentTable = table('payments', {
  namespace: 'cinema.payment',
  id: 'paymentId',
  columns: {
    paymentId: uuid,
    reservationId: uuid,
    userId: text,
    cinemaNo: text,
    time: text,
    price: integer,
    status: enumOf(Payment_Status),
  },
  mutable: ['status'],
  events: { PaymentCompleted, PaymentRefunded },
});
