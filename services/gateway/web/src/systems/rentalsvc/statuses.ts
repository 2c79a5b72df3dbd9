import { Bill_Status } from '#proto/es/rentalsvc/billing/v1/billing_pb.ts';
import { Delivery_Status } from '#proto/es/rentalsvc/logistics/v1/logistics_pb.ts';
import { Order_Status } from '#proto/es/rentalsvc/order/v1/order_pb.ts';
import type { TotalView } from '#proto/es/rentalsvc/totalview/v1/totalview_pb.ts';
import { type StatusWord, unknownStatus } from '../../ui/status.tsx';
import type { Step } from '../../ui/steps.tsx';

/** What decides about the words and the steps of a view. */
export type Progress = Pick<TotalView, 'rentalCancelled' | 'inventoryStockShortage'> & {
  readonly events: readonly { readonly name: string }[];
};

const steps = {
  RentalRequested: ['Requested', 'The order service asked inventory by gRPC whether the product exists, and published RentalRequested.'],
  StockTaken: ['Stock taken', 'The inventory service reads it from Kafka and takes the stock: StockTaken.'],
  FeeReceived: ['Fee received', 'The billing service reads RentalRequested too and receives the fee: FeeReceived.'],
  DeliveryStarted: ['Delivery started', 'The logistics service follows the fee: DeliveryStarted.'],
  InventoryStockShortage: ['Out of stock', 'Too few are in stock, so the order is cancelled: InventoryStockShortage.'],
  RentalCancelled: ['Cancelled', 'The customer has cancelled. The stock is given back: RentalCancelled.'],
  FeeRefunded: ['Fee refunded', 'The billing service refunds the fee: FeeRefunded.'],
  RetrievalStarted: ['Retrieval started', 'The logistics service fetches the product back: RetrievalStarted.'],
} as const;

/** Returns the steps of a rental: those of the request, and those that undo it. */
export function stepsOf({ rentalCancelled, inventoryStockShortage, events }: Progress): readonly Step[] {
  const happened = new Set(events.map(({ name }) => name));
  const isUndone = rentalCancelled || inventoryStockShortage;
  const names: readonly (keyof typeof steps)[] = [
    'RentalRequested',
    // Of an order that is undone the stock may never have been taken.
    ...(!isUndone || happened.has('StockTaken') ? (['StockTaken'] as const) : []),
    ...(['FeeReceived', 'DeliveryStarted'] as const),
    ...(inventoryStockShortage ? (['InventoryStockShortage'] as const) : []),
    ...(rentalCancelled ? (['RentalCancelled'] as const) : []),
    ...(isUndone ? (['FeeRefunded', 'RetrievalStarted'] as const) : []),
  ];
  const next = names.find((name) => !happened.has(name));
  return names.map((each) => {
    const [name, behind] = steps[each];
    const open = each === next ? 'now' : 'ahead';
    return { name, behind, state: happened.has(each) ? 'done' : open };
  });
}

/** Returns the words for a view. */
export function wordOfView(progress: Progress): StatusWord {
  const isDone = stepsOf(progress).every(({ state }) => state === 'done');
  if (progress.rentalCancelled) {
    if (isDone) return { name: 'Cancelled', tone: 'off', meaning: 'This rental was cancelled. The fee is refunded.' };
    return { name: 'Cancelling', tone: 'waiting', meaning: 'The fee is being refunded, and the product is being fetched back.' };
  }
  if (progress.inventoryStockShortage)
    return {
      name: 'Out of stock',
      tone: 'bad',
      meaning: isDone ? 'Too few were in stock. The fee is refunded.' : 'Too few are in stock. The fee is being refunded.',
    };
  if (isDone)
    return { name: 'On its way', tone: 'good', meaning: 'The stock is taken, the fee is received, and the delivery has started.' };
  return { name: 'Requested', tone: 'waiting', meaning: 'The stock is being taken, and the fee is being received.' };
}

/** Whether a rental does not change any more. */
export function isOver(progress: Progress): boolean {
  return (progress.rentalCancelled || progress.inventoryStockShortage) && stepsOf(progress).every(({ state }) => state === 'done');
}

const orderWords: Readonly<Record<Order_Status, StatusWord>> = {
  [Order_Status.STATUS_UNSPECIFIED]: unknownStatus,
  [Order_Status.REQUESTED]: { name: 'Requested', tone: 'waiting', meaning: 'The inventory has not decided yet.' },
  [Order_Status.CONFIRMED]: { name: 'Confirmed', tone: 'good', meaning: 'The stock is taken.' },
  [Order_Status.SHORT]: { name: 'Out of stock', tone: 'bad', meaning: 'Too few were in stock.' },
  [Order_Status.CANCELLED]: { name: 'Cancelled', tone: 'off', meaning: 'The customer has cancelled.' },
};

/** Returns the words for a status of an order. */
export const wordOfOrder = (status: Order_Status): StatusWord => orderWords[status] ?? unknownStatus;

const billWords: Readonly<Record<Bill_Status, StatusWord>> = {
  [Bill_Status.STATUS_UNSPECIFIED]: unknownStatus,
  [Bill_Status.RECEIVED]: { name: 'Received', tone: 'good', meaning: 'The fee is received.' },
  [Bill_Status.REFUNDED]: { name: 'Refunded', tone: 'off', meaning: 'The fee is refunded.' },
};

/** Returns the words for a status of a bill. */
export const wordOfBill = (status: Bill_Status): StatusWord => billWords[status] ?? unknownStatus;

const deliveryWords: Readonly<Record<Delivery_Status, StatusWord>> = {
  [Delivery_Status.STATUS_UNSPECIFIED]: unknownStatus,
  [Delivery_Status.STARTED]: { name: 'Started', tone: 'good', meaning: 'The product is on its way, or with the customer.' },
  [Delivery_Status.RETRIEVED]: { name: 'Retrieved', tone: 'off', meaning: 'The product is being fetched back.' },
};

/** Returns the words for a status of a delivery. */
export const wordOfDelivery = (status: Delivery_Status): StatusWord => deliveryWords[status] ?? unknownStatus;
