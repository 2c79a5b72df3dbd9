import type { Invariant } from '../../../dev/systems/descriptor.ts';
import { differences, readStock, stockLines } from './stock.ts';

/** No stock is lost or sold twice. */
export const invariant: Invariant = {
  condition: 'For each car: initial = in stock + held, and held = reserved = allocated = in mypage.',
  // A process that died may have left an unconfirmed hold, whose lease is 30 s.
  settleSeconds: 45,
  read: async (stores) => {
    const snapshot = await readStock(stores);
    return {
      header: ['car', 'id', 'initial', 'in stock', 'held', 'reserved', 'allocated', 'in mypage'],
      rows: stockLines(snapshot).map(({ carName, carId, ...counts }) => [
        carName,
        carId,
        ...[counts.initial, counts.qty, counts.holds, counts.reserved, counts.allocated, counts.shown].map(String),
      ]),
      violations: differences(snapshot),
    };
  },
};
