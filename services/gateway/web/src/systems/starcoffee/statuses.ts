import { Make_Status } from '#proto/es/starcoffee/make/v1/make_pb.ts';
import { Mypage_Status } from '#proto/es/starcoffee/mypage/v1/mypage_pb.ts';
import { Payment_Status } from '#proto/es/starcoffee/payment/v1/payment_pb.ts';
import { type StatusWord, unknownStatus } from '../../ui/status.tsx';
import type { Step } from '../../ui/steps.tsx';

const mypageWords: Readonly<Record<Mypage_Status, StatusWord>> = {
  [Mypage_Status.STATUS_UNSPECIFIED]: unknownStatus,
  [Mypage_Status.REQUESTED]: { name: 'Ordered', tone: 'waiting', meaning: 'The order is stored, and its payment is on its way here.' },
  [Mypage_Status.PAID]: { name: 'Paid', tone: 'waiting', meaning: 'The order is paid, and waits for a barista.' },
  [Mypage_Status.MAKING]: { name: 'Being made', tone: 'waiting', meaning: 'The coffee is being made.' },
  [Mypage_Status.CANCELLING]: { name: 'Being cancelled', tone: 'waiting', meaning: 'The barista is asked to stop.' },
  [Mypage_Status.MADE]: { name: 'Ready', tone: 'good', meaning: 'The coffee is ready.' },
  [Mypage_Status.CANCELLED]: { name: 'Cancelled', tone: 'off', meaning: 'The coffee is not made, and the refund is on its way.' },
  [Mypage_Status.REFUNDED]: { name: 'Refunded', tone: 'over', meaning: 'The money is back.' },
};

const paymentWords: Readonly<Record<Payment_Status, StatusWord>> = {
  [Payment_Status.STATUS_UNSPECIFIED]: unknownStatus,
  [Payment_Status.APPROVED]: { name: 'Paid', tone: 'good', meaning: 'The customer has paid.' },
  [Payment_Status.CANCELLED]: { name: 'Refunded', tone: 'off', meaning: 'The customer has the money back.' },
};

const makeWords: Readonly<Record<Make_Status, StatusWord>> = {
  [Make_Status.STATUS_UNSPECIFIED]: unknownStatus,
  [Make_Status.MAKING]: { name: 'Being made', tone: 'waiting', meaning: 'The coffee is being made.' },
  [Make_Status.MADE]: { name: 'Made', tone: 'good', meaning: 'The coffee is made.' },
  [Make_Status.CANCELLED]: { name: 'Cancelled', tone: 'off', meaning: 'The coffee is not made.' },
};

/** Returns the words for a status of the view. */
export const wordOfMypage = (status: Mypage_Status): StatusWord => mypageWords[status] ?? unknownStatus;

/** Returns the words for a status of a payment. */
export const wordOfPayment = (status: Payment_Status): StatusWord => paymentWords[status] ?? unknownStatus;

/** Returns the words for a status of a make. */
export const wordOfMake = (status: Make_Status): StatusWord => makeWords[status] ?? unknownStatus;

const paid = {
  name: 'Paid',
  behind: 'The order service asked the payment service, by gRPC through the mesh, before it stored the order: PaymentApproved.',
};
const making = { name: 'Being made', behind: 'The make service reads PaymentApproved from Kafka and begins: CoffeeStarted.' };
const ready = { name: 'Ready', behind: 'A delayed job ends the making, and the order service completes the order: CoffeeMade.' };
const cancelled = { name: 'Cancelled', behind: 'The make service decides: the coffee is not made yet, so it stops. CoffeeCancelled.' };
const refunded = { name: 'Refunded', behind: 'The payment service gives the money back, and the order is cancelled: PaymentCancelled.' };

/** Returns the steps of an order. */
export function stepsOf(status: Mypage_Status): readonly Step[] {
  const [done, now, ahead] = ['done', 'now', 'ahead'] as const;
  const states = (steps: readonly Omit<Step, 'state'>[], ...each: readonly Step['state'][]) =>
    steps.map((step, index) => ({ ...step, state: each[index] ?? ahead }));
  switch (status) {
    case Mypage_Status.CANCELLING:
      return states([paid, cancelled, refunded], done, now);
    case Mypage_Status.CANCELLED:
      return states([paid, cancelled, refunded], done, done, now);
    case Mypage_Status.REFUNDED:
      return states([paid, refunded], done, done);
    case Mypage_Status.MADE:
      return states([paid, making, ready], done, done, done);
    case Mypage_Status.MAKING:
      return states([paid, making, ready], done, now);
    case Mypage_Status.PAID:
      return states([paid, making, ready], done);
    default:
      return states([paid, making, ready], now);
  }
}

/** Whether an order does not change any more, unless the staff refund a coffee that is made. */
export function isOver(status: Mypage_Status): boolean {
  return status === Mypage_Status.MADE || status === Mypage_Status.REFUNDED;
}
