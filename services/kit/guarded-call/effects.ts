import { ConflictError } from '../postgres/changes.ts';
import type { Tx } from '../postgres/database.ts';
import type { Effect, EffectChanges } from './ledger.ts';

/** SQLSTATE of a unique violation. */
const UNIQUE_VIOLATION = '23505';

/** Selects effects by ids ($1) and locks them in the order of the ids. */
export const LOCK_EFFECTS = `select effect_id as "id", subject_id as "subjectId", state from guarded_effects
  where effect_id = any($1) order by effect_id for update`;

/** Inserts effects: ids, subject ids, and states, an array each. */
export const INSERT_EFFECTS = `insert into guarded_effects (effect_id, subject_id, state)
  select * from unnest($1::uuid[], $2::uuid[], $3::text[])`;

/** Marks effects by ids ($1) as released. */
export const RELEASE_EFFECTS = `update guarded_effects set state = 'RELEASED' where effect_id = any($1)`;

/** Locks the effects that exist of these ids, in the order of the ids, and returns them. */
export async function lockEffects(ids: readonly string[], tx: Tx): Promise<Effect[]> {
  return await tx.query<Effect>(LOCK_EFFECTS, [[...new Set(ids)].sort()]);
}

/**
 * Stores changed effects without a round trip of its own. If another replica adds an effect with one of the ids at the same time,
 * the transaction fails with an error of which `isConflict` is true.
 */
export function writeEffects({ added, released }: EffectChanges, tx: Tx): void {
  if (added.length > 0) tx.write(INSERT_EFFECTS, valuesOf(added));
  writeReleased(released, tx);
}

/** Like `writeEffects`, but throws a ConflictError, so that a consumer repeats its events. */
export async function saveEffects({ added, released }: EffectChanges, tx: Tx): Promise<void> {
  writeReleased(released, tx);
  if (added.length === 0) return;
  try {
    await tx.query(INSERT_EFFECTS, valuesOf(added));
  } catch (error) {
    throw isConflict(error) ? new ConflictError('another transaction has added an effect at the same time') : error;
  }
}

/** Whether a transaction failed because another one added a row with one of the ids. A repetition finds the row. */
export function isConflict(error: unknown): boolean {
  return error instanceof ConflictError || (error instanceof Error && 'code' in error && error.code === UNIQUE_VIOLATION);
}

function writeReleased(released: readonly Effect[], tx: Tx): void {
  if (released.length === 0) return;
  tx.write(RELEASE_EFFECTS, [released.map(({ id }) => id)]);
}

function valuesOf(effects: readonly Effect[]): unknown[] {
  return [effects.map(({ id }) => id), effects.map(({ subjectId }) => subjectId), effects.map(({ state }) => state)];
}
