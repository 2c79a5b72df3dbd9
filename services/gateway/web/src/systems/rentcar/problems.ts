import type { ProblemWords } from '../../api/problem.ts';

/** Words for the error reasons of this system. */
export const problems: Readonly<Record<string, ProblemWords>> = {
  OUT_OF_STOCK: { title: 'This car is out of stock.', advice: 'Somebody was quicker. Choose another car, or look again later.' },
  CAR_NOT_FOUND: { title: 'This car is no longer offered.', advice: 'Go back to the list and choose another one.' },
  STOCK_UNCHECKED: {
    title: 'The stock could not be checked, so nothing was reserved.',
    advice: 'The car service is not answering or the circuit to it is open. No car is held for you: try again in a moment.',
    passing: true,
  },
  NOT_CANCELLABLE: { title: 'This reservation can no longer be cancelled.', advice: 'It is already over. Its page shows how it ended.' },
  NOT_ALLOCATED: { title: 'This use cannot be completed.', advice: 'The reservation was cancelled. Reload the list to see it.' },
  RESERVATION_NOT_FOUND: { title: 'There is no such reservation.', advice: 'Check the address, or open it from My reservations.' },
  RENTAL_NOT_FOUND: { title: 'There is no such allocation.', advice: 'Reload the list.' },
  MYPAGE_NOT_FOUND: { title: 'Nothing is known of this reservation yet.', advice: 'Its first event is on its way.', passing: true },
};
