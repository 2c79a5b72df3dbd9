import type { ProblemWords } from '../../api/problem.ts';

/** Words for the error reasons of this system. */
export const problems: Readonly<Record<string, ProblemWords>> = {
  PAYMENT_DECLINED: {
    title: 'The payment was declined, so nothing was ordered.',
    advice: 'The price is over the limit. Order something cheaper.',
  },
  PAYMENT_UNCHECKED: {
    title: 'The payment could not be checked, so nothing was ordered.',
    advice: 'The payment service is not answering or the circuit to it is open. You pay nothing: try again in a moment.',
    passing: true,
  },
  NOT_CANCELLABLE: { title: 'This order can no longer be cancelled.', advice: 'It is already over. Its page shows how it ended.' },
  ORDER_NOT_FOUND: { title: 'There is no such order.', advice: 'Check the address, or open it from My orders.' },
  PAYMENT_NOT_FOUND: { title: 'There is no such payment.', advice: 'Reload the list.' },
  MAKE_NOT_FOUND: { title: 'There is no such coffee.', advice: 'Reload the list.' },
  MYPAGE_NOT_FOUND: { title: 'Nothing is known of this order yet.', advice: 'Its first event is on its way.', passing: true },
};
