import type { Invariant } from '../../../dev/systems/descriptor.ts';
import { countsOf, differences, readStock } from './stock.ts';

/** No stock is lost or sold twice. */
export const invariant: Invariant = {
  condition: 'For each car: initial = in stock + held, and held = reserved = allocated = in mypage.',
  // A process that died may have left an unconfirmed hold, whose lease is 30 s.
  settleSeconds: 45,
  read: async (stores) => {
    const snapshot = await readStock(stores);
    return {
      header: ['car', 'id', 'initial', 'in stock', 'held', 'reserved', 'allocated', 'in mypage'],
      rows: countsOf(snapshot).map(({ car, counts }) => [car.carName, car.carId, ...counts.map(String)]),
      violations: differences(snapshot),
    };
  },
};
