import type { ProblemWords } from '../../api/problem.ts';

/** Words for the error reasons of this system. */
export const problems: Readonly<Record<string, ProblemWords>> = {
  NOT_CANCELLABLE: { title: 'This reserve cannot be cancelled.', advice: 'You have the book, or had it. Return the book instead.' },
  NOT_RETURNABLE: { title: 'This rental cannot be returned.', advice: 'It is not confirmed. Wait a moment, or see why it was rejected.' },
  RETURN_UNRECORDED: {
    title: 'The return could not be recorded.',
    advice: 'The library system is not answering. You still have the book: try again in a moment.',
    passing: true,
  },
  BOOK_NOT_FOUND: { title: 'There is no such book.', advice: 'Reload the list.' },
  RESERVE_NOT_FOUND: { title: 'There is no such reserve.', advice: 'Check the address, or open it from My books.' },
  RENTAL_NOT_FOUND: { title: 'There is no such rental.', advice: 'Reload the list.' },
  MYPAGE_NOT_FOUND: { title: 'Nothing is known of this reserve yet.', advice: 'Its first event is on its way.', passing: true },
};
