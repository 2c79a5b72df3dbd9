import type { OutboxEvent } from '#proto/rentmesh/outbox/v1/outbox.ts';
import type { Decision } from '../decision.ts';
import { type EventType, inTraceOf, outgoingEvent } from '../events/events.ts';
import type { OutgoingJob } from '../jobs/job.ts';
import { outgoingJob } from '../jobs/jobs.ts';
import type { Database, Tx } from './database.ts';
import { hasSameField, idOf, insertRows, lockRows, selectRows, updateRows } from './rows.ts';
import type { AnyTable, EventOf, Row, State } from './table.ts';

/** W3C trace context headers that an event continues. */
export type Trace = Readonly<Record<string, string>>;

/** A change of one entity. */
export interface Change<T extends AnyTable> {
  readonly id: string;
  /** Decides on the row as earlier changes of the transaction left it; undefined if there is none. */
  readonly rule: (row: Row<T> | undefined) => Decision<State<T>, EventOf<T>, string>;
  /** Whether the rule changes nothing if there is a row, so that the row need not be read and locked. Default false. */
  readonly isNew?: boolean;
}

/** A change with the trace that its events continue. */
export type TracedChange<T extends AnyTable> = Change<T> & { readonly trace: Trace };

/** What a change came to: the row as it is stored, a refusal, or undefined if there is no row. */
export type ChangeResult<T extends AnyTable> = Row<T> | string | undefined;

/** A transaction that lost against another one. `isStoreBusy` is true of it. */
export class ConflictError extends Error {
  override readonly name = 'ConflictError';
  /** SQLSTATE of a serialization failure. */
  readonly code = '40001';
}

/**
 * Adds rows by changes that are all new, with their events; without jobs, in one round trip if no row stands under an id. Returns
 * a result per change: a row that stands is returned as it is.
 */
export async function addAll<T extends AnyTable>(
  table: T,
  changes: readonly TracedChange<T>[],
  database: Database,
): Promise<ChangeResult<T>[]> {
  const { added, events, jobs } = applyRules(table, changes, new Map());
  if (jobs.length > 0) return await database.transaction((tx) => changeAll(table, changes, tx));
  const inserted = byId(table, await database.insertWithEvents(table, added, events));
  const standing = added.map((row) => idOf(table, row)).filter((id) => !inserted.has(id));
  const stored = new Map([...inserted, ...byId(table, await selectRows(table, standing, database))]);
  return changes.map(({ id }) => stored.get(id));
}

/**
 * Applies changes in their order, and stores the new states and events: one statement each to lock, insert, and update. Returns
 * a result per change.
 *
 * Throws a ConflictError if another transaction adds a row at the same time that a rule found absent. A repetition finds the row.
 */
export async function changeAll<T extends AnyTable>(table: T, changes: readonly TracedChange<T>[], tx: Tx): Promise<ChangeResult<T>[]> {
  const toLock = new Set(changes.filter(({ isNew }) => isNew !== true).map(({ id }) => id));
  const locked = byId(table, await lockRows(table, [...toLock], tx));
  const { added, updated, refusals, events, jobs } = applyRules(table, changes, locked);
  const [insertedRows, updatedRows] = await Promise.all([insertRows(table, added, tx), updateRows(table, updated, tx)]);
  const inserted = byId(table, insertedRows);
  const standing = added.map((row) => idOf(table, row)).filter((id) => !inserted.has(id));
  const conflict = standing.find((id) => toLock.has(id));
  if (conflict !== undefined) throw new ConflictError(`${table.name}: another transaction has added ${conflict} at the same time`);
  const stood = new Set(standing);
  tx.append(events.filter(({ key }) => !stood.has(key)));
  tx.schedule(jobs.filter(({ key }) => !stood.has(key)));
  const stored = new Map([...locked, ...byId(table, updatedRows), ...inserted, ...byId(table, await selectRows(table, standing, tx))]);
  return changes.map(({ id }, index) => refusals.get(index) ?? stored.get(id));
}

/** What changes come to, before anything is stored. */
export interface AppliedRules<T extends AnyTable> {
  /** All rows by their ids, as the rules leave them. */
  readonly now: ReadonlyMap<string, Row<T>>;
  readonly added: readonly Row<T>[];
  readonly updated: readonly Row<T>[];
  /** By the index of the change. */
  readonly refusals: ReadonlyMap<number, string>;
  readonly events: readonly OutboxEvent[];
  readonly jobs: readonly OutgoingJob[];
}

/** Applies the rules of changes in memory. Throws if a rule changes a column that is not mutable. */
export function applyRules<T extends AnyTable>(
  table: T,
  changes: readonly TracedChange<T>[],
  locked: ReadonlyMap<string, Row<T>>,
): AppliedRules<T> {
  const now = new Map(locked);
  const refusals = new Map<number, string>();
  const events: OutboxEvent[] = [];
  const jobs: OutgoingJob[] = [];
  const time = new Date();
  for (const [index, { id, rule, trace }] of changes.entries()) {
    const row = now.get(id);
    const decision = rule(row);
    if (decision === undefined) continue;
    if (typeof decision === 'string') {
      refusals.set(index, decision);
      continue;
    }
    // The times are provisional: PostgreSQL sets those that are stored.
    const stamps = { version: (row?.version ?? 0) + 1, createTime: row?.createTime ?? time, updateTime: time };
    const next: Row<T> = decision.state === row ? row : { ...decision.state, ...stamps };
    now.set(id, next);
    if (decision.events.length === 0 && decision.jobs === undefined) continue;
    inTraceOf({ trace }, () => {
      for (const event of decision.events) events.push(...encode(table, id, event, next));
      for (const job of decision.jobs ?? []) jobs.push(outgoingJob({ ...job, key: id }));
    });
  }
  const changed = [...now].filter(([id, row]) => locked.get(id) !== row);
  for (const [id, row] of changed) checkMutable(table, locked.get(id), row);
  const added = changed.filter(([id]) => !locked.has(id)).map(([, row]) => row);
  const updated = changed.filter(([id]) => locked.has(id)).map(([, row]) => row);
  return { now, added, updated, refusals, events, jobs };
}

/** Encodes an event of a rule, in the active trace. */
function encode<T extends AnyTable>(table: T, id: string, event: EventOf<T>, row: Row<T>): OutboxEvent[] {
  // An event is the name of one, or has the fields of one under its name.
  const named = typeof event === 'object' ? Object.entries(event as Readonly<Record<string, object>>) : [[String(event), {}] as const];
  return named.map(([name, fields]) => {
    const type: EventType<unknown> | undefined = table.events[name];
    if (type === undefined) throw new Error(`the table ${table.name} declares no event ${name}`);
    return outgoingEvent(type, id, { ...row, ...fields });
  });
}

/** Throws if a rule has changed what an update does not store. */
function checkMutable<T extends AnyTable>(table: T, before: Row<T> | undefined, after: Row<T>): void {
  if (before === undefined) return;
  for (const field of table.statements.fixed) {
    if (!hasSameField(before, after, field)) throw new Error(`a rule changed ${table.name}.${field}, which is not mutable`);
  }
}

/** Returns rows by their ids. */
export function byId<T extends AnyTable>(table: T, rows: readonly Row<T>[]): Map<string, Row<T>> {
  return new Map(rows.map((row) => [idOf(table, row), row]));
}
