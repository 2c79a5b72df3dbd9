import { GuardedEffects } from '#kit/guarded-call/callee.ts';
import type { EffectRefusal } from '#kit/guarded-call/ledger.ts';
import type { Database } from '#kit/postgres/database.ts';
import { aborted, alreadyExists, failedPrecondition } from '#kit/rpc/errors.ts';
import { entityNotFound } from '#kit/rpc/resource.ts';
import { giveBack, take } from './domain.ts';
import { carTable } from './store.ts';

/** Names the stock of a car that is held for a reservation. */
export interface Hold {
  readonly carId: string;
  readonly reservationId: string;
}

/** Stock that is held for reservations: the effects of CheckUpdateStock. */
export type Holds = ReturnType<typeof holdsOf>;

/** Returns the holds on cars. `onChange`: called with the ids of cars whose stock is changing. */
export function holdsOf(database: Database, onChange: (carIds: readonly string[]) => void) {
  return new GuardedEffects({
    database,
    subjects: carTable,
    keyOf: ({ carId, reservationId }: Hold) => ({ id: reservationId, subjectId: carId }),
    apply: take,
    undo: giveBack,
    onChange,
  });
}

/** Returns the error of a refused hold. */
export function refused(refusal: EffectRefusal | 'CAR_NOT_FOUND' | 'OUT_OF_STOCK', { carId, reservationId }: Hold): Error {
  switch (refusal) {
    case 'CAR_NOT_FOUND':
      return entityNotFound(carTable, carId);
    case 'OUT_OF_STOCK':
      return failedPrecondition(refusal, `car ${carId} is out of stock`, { carId });
    case 'EFFECT_RELEASED':
      return aborted('HOLD_RELEASED', `the stock for reservation ${reservationId} was given back before`, { carId, reservationId });
    case 'EFFECT_OF_OTHER_CONTENT':
      return alreadyExists('HOLD_OF_OTHER_CAR', `reservation ${reservationId} holds another car`, { carId, reservationId });
  }
}
