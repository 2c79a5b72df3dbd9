import { type EventHandler, onBatchOf } from '#kit/events/events.ts';
import type { Database } from '#kit/postgres/database.ts';
import { lockRows } from '#kit/postgres/rows.ts';
import { Store } from '#kit/postgres/store.ts';
import { RentalCancelled, RentalRequested } from '#proto/rentalsvc/order/v1/events.ts';
import { type Allocation, giveBack, type Rental, type StockDecision, take } from './domain.ts';
import { allocationTable, productTable } from './store.ts';

/**
 * Event handlers of the inventory service. Each batch is one transaction: it locks first the allocations, then the products, each in
 * the order of their ids, so that transactions never deadlock.
 */
export function inventoryHandlers(database: Database): EventHandler[] {
  const products = new Store(database, productTable);
  const allocations = new Store(database, allocationTable);
  return onBatchOf<Rental>([RentalRequested, RentalCancelled], async (rentals, tx, envelopes) => {
    const orderIds = rentals.map(({ orderId }) => orderId);
    const standing = new Map<string, Allocation>();
    for (const allocation of await lockRows(allocationTable, orderIds, tx)) standing.set(allocation.orderId, allocation);
    const decisions: (StockDecision['allocation'] | undefined)[] = [];
    const events = rentals.map((rental, index) => {
      const { type, trace } = envelopes[index] ?? { type: '', trace: {} };
      return { rental, trace, decide: type === RentalRequested.$type ? take : giveBack };
    });
    const stockChanges = events.map(({ rental, trace, decide }, index) => ({
      id: rental.productId,
      trace,
      // The rules run in the order of the events, with the product as the ones before left it.
      rule: (product: Parameters<typeof take>[0]) => {
        const decision = decide(product, standing.get(rental.orderId), rental);
        decisions[index] = decision?.allocation;
        if (decision === undefined) return undefined;
        standing.set(rental.orderId, decision.allocation.state);
        return decision.product && { state: decision.product, events: [] };
      },
    }));
    await products.changeAll(stockChanges, tx);
    const allocationChanges = events.map(({ rental, trace }, index) => ({ id: rental.orderId, trace, rule: () => decisions[index] }));
    await allocations.changeAll(allocationChanges, tx);
  });
}
