import { GuardedEffects } from '#kit/guarded-call/callee.ts';
import type { EffectRefusal } from '#kit/guarded-call/ledger.ts';
import type { Store } from '#kit/postgres/store.ts';
import { aborted, alreadyExists, failedPrecondition } from '#kit/rpc/errors.ts';
import { giveBack } from './domain.ts';
import { circulationTable, type returnTable } from './store.ts';

/** Names the return of a rental. */
export interface RentalOfBook {
  readonly rentalId: string;
  readonly bookId: string;
}

/** Recorded returns: the effects of ReturnBook. Never released. */
export type Returns = ReturnType<typeof returnsOf>;

/** Returns the returns of rentals. A return frees the book, and its row follows from the rental's id. */
export function returnsOf(returns: Store<typeof returnTable>) {
  return new GuardedEffects({
    database: returns.database,
    subjects: circulationTable,
    keyOf: ({ rentalId, bookId }: RentalOfBook) => ({ id: rentalId, subjectId: bookId }),
    apply: (circulation, { rentalId }: RentalOfBook) => giveBack(circulation, rentalId, returns.idFrom(rentalId)),
    onApplied: async (effects, tx) => {
      const rows = effects.map(({ request: { rentalId, bookId }, before }) => {
        return { returnId: returns.idFrom(rentalId), rentalId, bookId, bookNm: before?.bookNm ?? '', userNm: before?.userNm ?? '' };
      });
      const changes = rows.map((state) => ({ id: state.rentalId, rule: () => ({ state, events: [] }), isNew: true, trace: {} }));
      await returns.changeAll(changes, tx);
    },
  });
}

/** Returns the error of a refused return. */
export function refused(refusal: EffectRefusal | 'NOT_RENTED', { rentalId, bookId }: RentalOfBook): Error {
  switch (refusal) {
    case 'NOT_RENTED':
      return failedPrecondition(refusal, `book ${bookId} is not out under rental ${rentalId}`, { bookId, rentalId });
    case 'EFFECT_RELEASED':
      return aborted('RETURN_RELEASED', `the return of rental ${rentalId} was taken back`, { rentalId });
    case 'EFFECT_OF_OTHER_CONTENT':
      return alreadyExists('RETURN_OF_OTHER_BOOK', `rental ${rentalId} has returned another book`, { rentalId });
  }
}
