import { appendEvent } from '#kit/events/events.ts';
import type { Database, Tx } from '#kit/postgres/database.ts';
import { HoldsUnconfirmed } from '#proto/rentcar/car/v1/events.ts';

/** The largest number of holds in an event. */
const MAX_HOLDS = 500;

/** All events about unconfirmed holds have this key, so that they arrive in order. */
const KEY = 'hold-review';

/**
 * Finds stock that is held for reservations that were never stored: their reservation service ended between the grant and
 * its own commit.
 *
 * The reservation service reports its reservations by HoldsConfirmed. A hold that is older than the lease, measured
 * against these reports and not against the clock, and not in them is asked about once. While the reports are behind,
 * no question is asked.
 */
export class HoldReview {
  readonly #database: Database;
  readonly #leaseSeconds: number;

  /** `leaseSeconds`: how long after the take a reservation may be stored. */
  constructor(database: Database, leaseSeconds: number) {
    this.#database = database;
    this.#leaseSeconds = leaseSeconds;
  }

  /**
   * Marks holds as confirmed. `until`: all reservations that were stored before are confirmed now, or earlier.
   *
   * Skips holds that are locked: they are being released. Waiting for them could deadlock with a release.
   */
  confirm(reservationIds: readonly string[], until: Date | undefined, tx: Tx): void {
    if (reservationIds.length > 0) {
      tx.write(
        `update holds set state = 'CONFIRMED' where reservation_id in (
           select reservation_id from holds where reservation_id = any($1) and state = 'TAKEN' for update skip locked)`,
        [[...new Set(reservationIds)]],
      );
    }
    if (until !== undefined) tx.write('update hold_review set confirmed_until = greatest(confirmed_until, $1)', [until]);
  }

  /** Asks about the holds that have become older than the lease unconfirmed. One replica at a time does so. */
  async askAboutUnconfirmed(): Promise<void> {
    await this.#database.transaction(async (tx) => {
      const [review] = await tx.query<{ from: Date; until: Date }>(
        `select asked_until as from, confirmed_until - make_interval(secs => $1) as until from hold_review
         where confirmed_until - make_interval(secs => $1) > asked_until for update skip locked`,
        [this.#leaseSeconds],
      );
      if (review === undefined) return;
      const holds = await tx.query<{ reservationId: string; carId: string }>(
        `select reservation_id as "reservationId", car_id as "carId" from holds
         where take_time >= (select asked_until from hold_review)
           and take_time < (select confirmed_until - make_interval(secs => $1) from hold_review) and state = 'TAKEN'
         order by take_time`,
        [this.#leaseSeconds],
      );
      for (let start = 0; start < holds.length; start += MAX_HOLDS) {
        appendEvent(tx, HoldsUnconfirmed, KEY, { holds: holds.slice(start, start + MAX_HOLDS) });
      }
      tx.write('update hold_review set asked_until = confirmed_until - make_interval(secs => $1)', [this.#leaseSeconds]);
    });
  }
}
