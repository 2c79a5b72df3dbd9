import { appendEvent, type EventHandler, type EventType, onBatch } from '../events/events.ts';
import type { Database, Tx } from '../postgres/database.ts';
import type { EffectKey } from './ledger.ts';

/** The largest number of effects in an event. */
const MAX_EFFECTS = 500;

/** All questions have this key, so that they arrive in order. */
const KEY = 'effect-review';

/** How the callee asks. */
export interface EffectReviewOptions<M> {
  readonly database: Database;
  /** How long after the effect the caller may store its entity, in seconds. */
  readonly leaseSeconds: number;
  /** The event that asks about effects. */
  readonly event: EventType<M>;
  /** Returns an event that asks about these effects, the oldest first. */
  readonly content: (effects: readonly EffectKey[]) => M;
}

/** A report of the caller: ids of entities that keep their effects. */
export interface Confirmation {
  readonly ids: readonly string[];
  /** All entities that were stored before this time are confirmed by this report or an earlier one. Absent within a report. */
  readonly until: Date | undefined;
}

/**
 * Finds effects whose entity was never stored, because the caller ended between the grant and its own commit.
 *
 * The caller reports its entities (`ConfirmationReport`). An effect that is older than the lease and in no report is asked about
 * once. Its age is measured against the reports and not against the clock, so late reports cause no questions.
 */
export class EffectReview<M> {
  readonly #options: EffectReviewOptions<M>;

  constructor(options: EffectReviewOptions<M>) {
    this.#options = options;
  }

  /** Handles the reports of the caller. */
  onConfirmed<R>(type: EventType<R>, confirmationOf: (report: R) => Confirmation): EventHandler {
    return onBatch(type, async (reports, tx) => {
      const confirmations = reports.map(confirmationOf);
      const ids = confirmations.flatMap((confirmation) => confirmation.ids);
      this.#confirm({ ids, until: confirmations.findLast(({ until }) => until !== undefined)?.until }, tx);
    });
  }

  /** Skips effects that are locked: they are being released. Waiting for them could deadlock with the release. */
  #confirm({ ids, until }: Confirmation, tx: Tx): void {
    if (ids.length > 0) {
      tx.write(
        `update guarded_effects set state = 'CONFIRMED' where effect_id in (
           select effect_id from guarded_effects where effect_id = any($1) and state = 'APPLIED' for update skip locked)`,
        [[...new Set(ids)]],
      );
    }
    if (until !== undefined) tx.write('update effect_review set confirmed_until = greatest(confirmed_until, $1)', [until]);
  }

  /** Asks about the effects that have become older than the lease unconfirmed. One replica at a time asks. */
  async ask(): Promise<void> {
    const { database, leaseSeconds, event, content } = this.#options;
    await database.transaction(async (tx) => {
      const [review] = await tx.query<{ found: number }>(
        `select 1 as found from effect_review
         where confirmed_until - make_interval(secs => $1) > asked_until for update skip locked`,
        [leaseSeconds],
      );
      if (review === undefined) return;
      const effects = await tx.query<EffectKey>(
        `select effect_id as "id", subject_id as "subjectId" from guarded_effects
         where apply_time >= (select asked_until from effect_review)
           and apply_time < (select confirmed_until - make_interval(secs => $1) from effect_review) and state = 'APPLIED'
         order by apply_time`,
        [leaseSeconds],
      );
      for (let start = 0; start < effects.length; start += MAX_EFFECTS) {
        appendEvent(tx, event, KEY, content(effects.slice(start, start + MAX_EFFECTS)));
      }
      tx.write('update effect_review set asked_until = confirmed_until - make_interval(secs => $1)', [leaseSeconds]);
    });
  }
}
