import type { Invariant } from '../../../dev/systems/descriptor.ts';
import { confirmedQty, differences, readRentals } from './rentals.ts';

/** No unit is rented twice, and nobody pays for an order that is cancelled. */
export const invariant: Invariant = {
  condition:
    'Initial stock = stock + quantities of confirmed orders, and every short or cancelled order has its fee refunded and its product retrieved.',
  // The inventory check leaves no lease behind: only events are under way.
  settleSeconds: 15,
  read: async (stores) => {
    const snapshot = await readRentals(stores);
    return {
      header: ['product', 'name', 'initial', 'stock', 'confirmed'],
      rows: snapshot.products.map(({ productId, productName, initialQty, qty }) => {
        return [productId, productName, String(initialQty), String(qty), String(confirmedQty(snapshot, productId))];
      }),
      violations: differences(snapshot),
    };
  },
};
