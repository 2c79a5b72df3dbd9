import { appendEvent } from '#kit/events/events.ts';
import type { Database } from '#kit/postgres/database.ts';
import { HoldsConfirmed } from '#proto/rentcar/reservation/v1/events.ts';

/** The largest number of reservations in an event. */
const MAX_IDS = 500;

/** The largest number of reservations that are read at once. */
const MAX_ROWS = 5000;

/** All reports have this key, so that they arrive in order. */
const KEY = 'confirmations';

interface Row {
  readonly id: string;
  /** As text: a Date would lose microseconds. */
  readonly createTime: string;
}

/**
 * Reports to car which reservations keep their stock: all that were stored since the last report, in a few events. The
 * end of a report says up to when it is complete; car asks about older stock that was in no report.
 */
export class ConfirmationReport {
  readonly #database: Database;
  readonly #intervalSeconds: number;

  /** `intervalSeconds`: the time from one report to the next, of all replicas together. */
  constructor(database: Database, intervalSeconds: number) {
    this.#database = database;
    this.#intervalSeconds = intervalSeconds;
  }

  /** Publishes a report, unless another replica has published one within the interval. */
  async publish(): Promise<void> {
    await this.#database.transaction(async (tx) => {
      // The transactions from xmin on may be committed only in part: the next report covers them again.
      const [last] = await tx.query<{ xid: string; since: string; now: Date; xmin: string }>(
        `select reported_xid::text as xid, (report_time - interval '1 minute')::text as since, now() as now,
           pg_snapshot_xmin(pg_current_snapshot())::text as xmin
         from confirmation_report where report_time <= now() - make_interval(secs => $1) for update skip locked`,
        [this.#intervalSeconds],
      );
      if (last === undefined) return;
      for (let after: Row | undefined; ; ) {
        // A transaction lasts for 10 s at most: the time selects by an index, the transaction id decides.
        const rows: Row[] = await tx.query<Row>(
          `select reservation_id as id, create_time::text as "createTime" from reservations
           where (create_time, reservation_id) > ($1, $2) and create_xid >= $3::xid8 and status <> 'REJECTED'
           order by create_time, reservation_id limit ${MAX_ROWS}`,
          [after?.createTime ?? last.since, after?.id ?? '00000000-0000-0000-0000-000000000000', last.xid],
        );
        for (let start = 0; start < rows.length; start += MAX_IDS) {
          const reservationIds = rows.slice(start, start + MAX_IDS).map(({ id }) => id);
          appendEvent(tx, HoldsConfirmed, KEY, { reservationIds, confirmedUntil: undefined });
        }
        after = rows.at(-1);
        if (rows.length < MAX_ROWS) break;
      }
      appendEvent(tx, HoldsConfirmed, KEY, { reservationIds: [], confirmedUntil: last.now });
      tx.write('update confirmation_report set report_time = now(), reported_xid = $1::xid8', [last.xmin]);
    });
  }
}
