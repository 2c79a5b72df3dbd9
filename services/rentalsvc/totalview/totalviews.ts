import { onEvent, type ProjectionSpec } from '#kit/projection/projection.ts';
import { FeeReceived, FeeRefunded } from '#proto/rentalsvc/billing/v1/events.ts';
import { InventoryStockShortage, StockTaken } from '#proto/rentalsvc/inventory/v1/events.ts';
import { DeliveryStarted, RetrievalStarted } from '#proto/rentalsvc/logistics/v1/events.ts';
import { RentalCancelled, RentalRequested } from '#proto/rentalsvc/order/v1/events.ts';
import type { TotalView } from '#proto/rentalsvc/totalview/v1/totalview.ts';

/** The events of an order, causes before effects: the greatest that has arrived is the last event of a view. */
export const STEP = {
  RentalRequested: 1,
  StockTaken: 2,
  FeeReceived: 3,
  DeliveryStarted: 4,
  InventoryStockShortage: 5,
  RentalCancelled: 6,
  FeeRefunded: 7,
  RetrievalStarted: 8,
} as const;

/** Types of the projection. */
export interface TotalViewShape {
  readonly key: 'orderId';
  readonly details: Pick<TotalView, 'userId' | 'productId' | 'qty' | 'amount' | 'deliveryId'>;
  readonly status: (typeof STEP)[keyof typeof STEP];
  readonly view: TotalView;
}

const order = { source: 'order', set: ['userId', 'productId', 'qty', 'amount'] } as const;
const billing = { source: 'billing', set: ['userId', 'amount'] } as const;
const logistics = { source: 'logistics', set: ['userId', 'deliveryId'], uuids: ['deliveryId'] } as const;

/** How events change the view of an order. */
export const totalViews: ProjectionSpec<TotalViewShape> = {
  collection: 'totalviews',
  key: 'orderId',
  unknownReason: 'TOTAL_VIEW_NOT_FOUND',
  filters: ['userId'],
  history: true,
  events: [
    onEvent(RentalRequested, { ...order, status: STEP.RentalRequested }),
    onEvent(StockTaken, { source: 'inventory', set: ['productId', 'qty'], status: STEP.StockTaken }),
    onEvent(FeeReceived, { ...billing, status: STEP.FeeReceived }),
    onEvent(DeliveryStarted, { ...logistics, status: STEP.DeliveryStarted }),
    onEvent(InventoryStockShortage, {
      source: 'inventory',
      set: ['userId', 'productId', 'qty', 'amount'],
      status: STEP.InventoryStockShortage,
    }),
    onEvent(RentalCancelled, { ...order, status: STEP.RentalCancelled }),
    onEvent(FeeRefunded, { ...billing, status: STEP.FeeRefunded }),
    onEvent(RetrievalStarted, { ...logistics, status: STEP.RetrievalStarted }),
  ],
  toView: ({ key, details, times, updateTime }) => {
    const events = [...times].map(([name, time]) => ({ name, time }));
    return {
      ...{ orderId: key, userId: '', productId: '', qty: 0, amount: 0, deliveryId: '', ...details },
      rentalRequested: times.has('RentalRequested'),
      rentalCancelled: times.has('RentalCancelled'),
      feeReceived: times.has('FeeReceived'),
      feeRefunded: times.has('FeeRefunded'),
      inventoryStockShortage: times.has('InventoryStockShortage'),
      deliveryStarted: times.has('DeliveryStarted'),
      retrievalStarted: times.has('RetrievalStarted'),
      lastEvent: events.at(-1)?.name ?? '',
      events,
      updateTime,
    };
  },
};
