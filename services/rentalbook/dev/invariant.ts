import type { Invariant } from '../../../dev/systems/descriptor.ts';
import { bookLines, differences, readLibrary } from './library.ts';

/** A book is with one member. */
export const invariant: Invariant = {
  condition:
    'Each book has at most one confirmed rental, each confirmed rental a used reserve, each returned rental one return, and the status of each book and view follows from its reserves and rentals.',
  settleSeconds: 15,
  read: async (stores) => {
    const snapshot = await readLibrary(stores);
    return {
      header: ['book', 'id', 'status', 'active reserves', 'confirmed', 'returned', 'returns'],
      rows: bookLines(snapshot).map((line) => [
        line.bookNm,
        line.bookId,
        line.status,
        ...[line.activeReserves, line.confirmed, line.returned, line.returns].map(String),
      ]),
      violations: differences(snapshot),
    };
  },
};
