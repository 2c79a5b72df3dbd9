import type { ProblemWords } from '../../api/problem.ts';

/** Words for the error reasons of this system. */
export const problems: Readonly<Record<string, ProblemWords>> = {
  PAYMENT_DECLINED: {
    title: 'The payment was declined, so nothing was reserved.',
    advice: 'The price is over the limit. Choose another show.',
  },
  PAYMENT_UNCHECKED: {
    title: 'The payment could not be checked, so nothing was reserved.',
    advice: 'The payment service is not answering or the circuit to it is open. You do not pay for it: try again in a moment.',
    passing: true,
  },
  NOT_CANCELLABLE: { title: 'This reservation cannot be cancelled.', advice: 'It was rejected, and its payment is refunded.' },
  RESERVATION_NOT_FOUND: { title: 'There is no such reservation.', advice: 'Check the address, or open it from My tickets.' },
  PAYMENT_NOT_FOUND: { title: 'There is no such payment.', advice: 'Reload the list.' },
  BOOKING_NOT_FOUND: { title: 'There is no such booking.', advice: 'Reload the list.' },
  INFORMATION_NOT_FOUND: { title: 'Nothing is known of this reservation yet.', advice: 'Its first event is on its way.', passing: true },
};
