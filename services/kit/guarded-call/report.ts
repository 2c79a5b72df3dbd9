import { appendEvent, type EventType } from '../events/events.ts';
import type { Database } from '../postgres/database.ts';
import type { GuardedTable } from './caller.ts';

/** The largest number of ids in an event. */
const MAX_IDS = 500;

/** The largest number of entities that are read at once. */
const MAX_ROWS = 5000;

/** All reports have this key, so that they arrive in order. */
const KEY = 'confirmations';

/** What the caller reports, and how. */
export interface ConfirmationReportOptions<M> {
  readonly database: Database;
  /** The table of the caller's entities. */
  readonly table: GuardedTable;
  /** The event of a report. */
  readonly event: EventType<M>;
  /** Returns an event: ids of entities that keep their effects, and, in the last event of a report, when the report was complete. */
  readonly content: (ids: string[], confirmedUntil: Date | undefined) => M;
  /** The time from one report to the next, of all replicas together. */
  readonly intervalSeconds: number;
}

interface Reported {
  readonly id: string;
  /** As text: a Date would lose microseconds. */
  readonly createTime: string;
}

/**
 * Reports to the callee which entities keep their effects: all that were stored since the last report, in a few events. The end
 * of a report says up to when the report is complete. The callee asks about older effects that were in no report.
 */
export class ConfirmationReport<M> {
  readonly #options: ConfirmationReportOptions<M>;

  constructor(options: ConfirmationReportOptions<M>) {
    this.#options = options;
  }

  /** Publishes a report, unless another replica has published one within the interval. */
  async publish(): Promise<void> {
    const { database, table, event, content, intervalSeconds } = this.#options;
    const { id } = table.statements;
    await database.transaction(async (tx) => {
      // Transactions from xmin on may be visible only in part. The next report covers them again.
      const [last] = await tx.query<{ xid: string; since: string; now: Date; xmin: string }>(
        `select reported_xid::text as xid, (report_time - interval '1 minute')::text as since, now() as now,
           pg_snapshot_xmin(pg_current_snapshot())::text as xmin
         from effect_report where report_time <= now() - make_interval(secs => $1) for update skip locked`,
        [intervalSeconds],
      );
      if (last === undefined) return;
      for (let after: Reported | undefined; ; ) {
        // A transaction lasts 10 s at most: the time selects by an index, the transaction id decides.
        const rows: Reported[] = await tx.query<Reported>(
          `select ${id} as id, create_time::text as "createTime" from ${table.name}
           where (create_time, ${id}) > ($1, $2) and create_xid >= $3::xid8 and status <> 'REJECTED'
           order by create_time, ${id} limit ${MAX_ROWS}`,
          [after?.createTime ?? last.since, after?.id ?? '00000000-0000-0000-0000-000000000000', last.xid],
        );
        const ids = rows.map((row) => row.id);
        for (let start = 0; start < ids.length; start += MAX_IDS) {
          appendEvent(tx, event, KEY, content(ids.slice(start, start + MAX_IDS), undefined));
        }
        after = rows.at(-1);
        if (rows.length < MAX_ROWS) break;
      }
      appendEvent(tx, event, KEY, content([], last.now));
      tx.write('update effect_report set report_time = now(), reported_xid = $1::xid8', [last.xmin]);
    });
  }
}
