import { onEvent, type ProjectionSpec } from '#kit/projection/projection.ts';
import { CoffeeCancelled, CoffeeMade, CoffeeStarted } from '#proto/starcoffee/make/v1/events.ts';
import { type Mypage, Mypage_Status as Status } from '#proto/starcoffee/mypage/v1/mypage.ts';
import { OrderCancelled, OrderCancelRequested, OrderCompleted, OrderPlaced } from '#proto/starcoffee/order/v1/events.ts';
import { PaymentApproved, PaymentCancelled } from '#proto/starcoffee/payment/v1/events.ts';

/** Types of the projection. */
export interface MypageShape {
  readonly key: 'orderId';
  readonly details: Pick<Mypage, 'userId' | 'menuId' | 'price'>;
  readonly status: Status;
  readonly view: Mypage;
}

const set = ['userId', 'menuId', 'price'] as const;
const order = { source: 'order', set } as const;
const payment = { source: 'payment', set } as const;
const make = { source: 'make', set } as const;

/** How events change the view of an order: the greatest status counts. Each event has all details. */
export const mypages: ProjectionSpec<MypageShape> = {
  collection: 'mypages',
  key: 'orderId',
  unknownReason: 'MYPAGE_NOT_FOUND',
  filters: ['userId', 'status'],
  events: [
    onEvent(OrderPlaced, { ...order, status: Status.REQUESTED }),
    onEvent(PaymentApproved, { ...payment, status: Status.PAID }),
    onEvent(CoffeeStarted, { ...make, status: Status.MAKING }),
    onEvent(OrderCancelRequested, { ...order, status: Status.CANCELLING }),
    onEvent(CoffeeMade, { ...make, status: Status.MADE }),
    onEvent(OrderCompleted, { ...order, status: Status.MADE }),
    onEvent(CoffeeCancelled, { ...make, status: Status.CANCELLED }),
    onEvent(OrderCancelled, { ...order, status: Status.CANCELLED }),
    onEvent(PaymentCancelled, { ...payment, status: Status.REFUNDED }),
  ],
  toView: ({ key, status, details, updateTime }) => {
    return { orderId: key, userId: '', menuId: '', price: 0, ...details, status, updateTime };
  },
};
