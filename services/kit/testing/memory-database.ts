import type { OutboxEvent } from '#proto/rentmesh/outbox/v1/outbox.ts';
import type { Envelope, EventHandler, EventType } from '../events/events.ts';
import type { OutgoingJob } from '../jobs/job.ts';
import type { JobHandler } from '../jobs/jobs.ts';
import type { Database, Tx } from '../postgres/database.ts';
import type { PageQuery, RowPage } from '../postgres/page-query.ts';
import { idOf, insertRows } from '../postgres/rows.ts';
import type { AnyTable, Row, Versioned } from '../postgres/table.ts';
import { markUncommitted } from '../postgres/uncommitted.ts';
import { newId } from '../runtime/ids.ts';
import { copyOf, emptyTables, type GeneratedColumns, pageOf, type Statement, statementsOf, type Tables } from './memory-statements.ts';

interface State {
  readonly tables: Tables;
  readonly events: readonly OutboxEvent[];
  readonly jobs: readonly OutgoingJob[];
}

export type { Statement } from './memory-statements.ts';

/** What a test double knows besides declared tables. */
export interface MemoryOptions {
  /** Computes the generated columns of the tables. */
  readonly generated?: GeneratedColumns;
  /** What other statements of the service do, by their text. */
  readonly statements?: Readonly<Record<string, Statement>>;
}

/**
 * A test double of PostgreSQL for commands and handlers: declared tables, effects of guarded calls, appended events, and delayed
 * jobs. Transactions run one after the other. `describeDatabase` holds for it as for PostgreSQL.
 *
 * It knows the statements of declared tables by their text, and those of its options. Any other statement fails.
 */
export class MemoryDatabase implements Database {
  readonly #statements: ReadonlyMap<string, Statement>;
  #state: State;
  #last: Promise<unknown> = Promise.resolve();

  constructor(tables: readonly AnyTable[], { generated = {}, statements = {} }: MemoryOptions = {}) {
    this.#statements = new Map([...statementsOf(tables, generated), ...Object.entries(statements)]);
    this.#state = { tables: emptyTables(tables), events: [], jobs: [] };
  }

  /** The events of committed transactions, the oldest first. */
  get events(): readonly OutboxEvent[] {
    return this.#state.events;
  }

  /** The jobs that were scheduled and neither cancelled nor run. */
  get jobs(): readonly OutgoingJob[] {
    return this.#state.jobs;
  }

  /** Returns the content of all committed events of a type. */
  eventsOf<T>(type: EventType<T>): T[] {
    return this.events.filter((event) => event.type === type.$type).map(({ value }) => type.decode(value));
  }

  async query<R>(sql: string, params: readonly unknown[] = []): Promise<R[]> {
    return await this.transaction((tx) => tx.query<R>(sql, params));
  }

  async insertWithEvents<T extends AnyTable>(table: T, rows: readonly Versioned<T>[], events: readonly OutboxEvent[]): Promise<Row<T>[]> {
    return await this.transaction(async (tx) => {
      const inserted = await insertRows(table, rows, tx);
      const ids = new Set(inserted.map((row) => idOf(table, row)));
      tx.append(events.filter(({ key }) => ids.has(key)));
      return inserted;
    });
  }

  async page<T extends AnyTable>(table: T, query: PageQuery): Promise<RowPage<Row<T>>> {
    return pageOf(table, query, this.#state.tables);
  }

  async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const result = this.#last.then(() => this.#run(work));
    this.#last = result.catch(() => undefined);
    return await result;
  }

  /** Applies an event in a transaction, like a consumer that received it once. */
  async deliver<T>(handlers: readonly EventHandler[], type: EventType<T>, content: NoInfer<T>): Promise<void> {
    const handler = handlers.find((each) => each.type === type.$type);
    if (handler === undefined) throw new Error(`no handler handles ${type.$type}`);
    const event = handler.decode(type.encode(content).finish());
    const envelope: Envelope = {
      ...{ id: newId(), type: type.$type, key: '', time: new Date() },
      ...{ topic: 'test', partition: 0, offset: '0', trace: {} },
    };
    await this.transaction((tx) => handler.apply([event], tx, [envelope]));
  }

  /** Runs all scheduled jobs of the handlers, as if they were due. */
  async runJobs(handlers: readonly JobHandler[]): Promise<void> {
    for (const { name, apply } of handlers) {
      const due = this.jobs.filter((job) => job.name === name);
      if (due.length === 0) continue;
      await this.transaction((tx) =>
        apply(
          due.map((job) => ({ ...job, dueTime: new Date(), failures: 0 })),
          tx,
        ),
      );
      this.#state = { ...this.#state, jobs: this.jobs.filter((job) => !due.includes(job)) };
    }
  }

  async #run<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const tx = new MemoryTransaction(this.#statements, this.#state);
    try {
      const result = await work(tx);
      this.#state = tx.commit();
      return result;
    } catch (error) {
      markUncommitted(error);
      throw error;
    }
  }
}

class MemoryTransaction implements Tx {
  readonly #statements: ReadonlyMap<string, Statement>;
  readonly #now = new Date();
  readonly #tables: Tables;
  readonly #events: OutboxEvent[];
  #jobs: OutgoingJob[];
  #failure: unknown;

  constructor(statements: ReadonlyMap<string, Statement>, { tables, events, jobs }: State) {
    this.#statements = statements;
    this.#tables = copyOf(tables);
    this.#events = [...events];
    this.#jobs = [...jobs];
  }

  async query<R>(sql: string, params: readonly unknown[] = []): Promise<R[]> {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      // The caller states the shape of the rows.
      return this.#execute(sql, params) as R[];
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  write(sql: string, params: readonly unknown[] = []): void {
    this.query(sql, params).catch(() => undefined);
  }

  append(events: readonly OutboxEvent[]): void {
    this.#events.push(...events);
  }

  schedule(jobs: readonly OutgoingJob[]): void {
    this.#jobs.push(...jobs);
  }

  cancelJobs(name: string, keys: readonly string[]): void {
    this.#jobs = this.#jobs.filter((job) => job.name !== name || !keys.includes(job.key));
  }

  /** Returns the state after the transaction. Throws the error of a statement that failed. */
  commit(): State {
    if (this.#failure !== undefined) throw this.#failure;
    return { tables: this.#tables, events: this.#events, jobs: this.#jobs };
  }

  #execute(sql: string, params: readonly unknown[]): unknown[] {
    const statement = this.#statements.get(sql);
    if (statement !== undefined) return statement(params, this.#tables, this.#now);
    throw new Error(`the test double does not know the statement: ${sql}`);
  }
}
