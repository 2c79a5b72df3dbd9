import type { Decision } from '../decision.ts';
import { type EventHandler, type EventType, PoisonEvent } from '../events/events.ts';
import type { Job } from '../jobs/job.ts';
import { type JobHandler, onJobs } from '../jobs/jobs.ts';
import { derivedId } from '../runtime/ids.ts';
import { traceHeaders } from '../runtime/telemetry.ts';
import { Batcher } from './batcher.ts';
import { addAll, type Change, type ChangeResult, changeAll, type TracedChange } from './changes.ts';
import type { Database, Tx } from './database.ts';
import { idOf, selectRows } from './rows.ts';
import type { AnyTable, EventOf, Row, State } from './table.ts';

/** The largest number of calls that share a transaction. */
const MAX_BATCH = 256;

/**
 * The rows of a table. Each change is stored in one transaction with its events. Concurrent calls share transactions (group
 * commit) and lookups.
 */
export class Store<T extends AnyTable> {
  readonly table: T;
  readonly database: Database;
  readonly #lookups: Batcher<readonly string[], Row<T>[]>;
  /** New rows never wait for a lock. */
  readonly #additions: Batcher<TracedChange<T>, ChangeResult<T>>;
  readonly #changes: Batcher<TracedChange<T>, ChangeResult<T>>;
  /** The reactions to events, by the type of the event. */
  readonly #changesOf = new Map<string, (event: unknown) => Change<T>[]>();

  constructor(database: Database, table: T) {
    this.database = database;
    this.table = table;
    const add = (changes: readonly TracedChange<T>[]) => addAll(table, changes, database);
    const change = (changes: readonly TracedChange<T>[]) => database.transaction((tx) => changeAll(table, changes, tx));
    this.#lookups = new Batcher({ run: (lookups) => this.#findAll(lookups), maxItems: MAX_BATCH });
    this.#additions = new Batcher({ run: add, maxItems: MAX_BATCH });
    this.#changes = new Batcher({ run: change, maxItems: MAX_BATCH });
  }

  /** Returns the row, or undefined if there is none with this id. */
  async find(id: string): Promise<Row<T> | undefined> {
    const [found] = await this.findAll([id]);
    return found;
  }

  /** Returns the rows that exist of these ids, in the order of the ids. */
  async findAll(ids: readonly string[]): Promise<Row<T>[]> {
    return await this.#lookups.do(ids);
  }

  /** Returns the id that always follows from these texts. */
  idFrom(...parts: string[]): string {
    return derivedId(this.table.namespace, ...parts);
  }

  /** Stores a new row with its events, unless there is one with the id. Returns the row that is stored. */
  async add(id: string, outcome: Exclude<Decision<State<T>, EventOf<T>>, undefined>): Promise<Row<T>> {
    const rule = (row: Row<T> | undefined) => (row === undefined ? outcome : undefined);
    const result = await this.#additions.do({ id, rule, isNew: true, trace: traceHeaders() });
    if (typeof result !== 'object') throw new Error(`${this.table.name}: ${id} is neither new nor there`);
    return result;
  }

  /** Changes a row by a rule. Returns the row that is stored, the rule's refusal, or undefined if there is no such row. */
  async change<R extends string>(id: string, rule: (row: Row<T>) => Decision<State<T>, EventOf<T>, R>): Promise<Row<T> | R | undefined> {
    const ruleOfRow = (row: Row<T> | undefined) => row && rule(row);
    const result = await this.#changes.do({ id, rule: ruleOfRow, trace: traceHeaders() });
    // A string comes from this rule.
    return result as Row<T> | R | undefined;
  }

  /** Changes rows in a transaction of the caller. Returns a result per change. */
  async changeAll(changes: readonly TracedChange<T>[], tx: Tx): Promise<ChangeResult<T>[]> {
    return await changeAll(this.table, changes, tx);
  }

  /**
   * Handles an event by changes of rows; none leaves them as they are. A refusal dead-letters the event. The handlers of a store
   * share their calls, so that all rows of a transaction are locked in one order.
   */
  on<M>(type: EventType<M>, changesOf: (event: M) => Change<T> | readonly Change<T>[]): EventHandler {
    // The type's decoder made the event.
    this.#changesOf.set(type.$type, (event) => [changesOf(event as M)].flat());
    return { type: type.$type, decode: (value) => type.decode(value), apply: this.#apply };
  }

  /** Runs due jobs as changes of rows. A refusal fails the job. */
  onJob(name: string, changesOf: (job: Job) => Change<T> | readonly Change<T>[]): JobHandler {
    return onJobs(name, async (jobs, tx) => {
      const changes = jobs.flatMap((job) => [changesOf(job)].flat().map((change) => ({ ...change, trace: job.trace })));
      this.#throwRefusal(changes, await this.changeAll(changes, tx));
    });
  }

  readonly #apply: EventHandler['apply'] = async (events, tx, envelopes) => {
    const changes = envelopes.flatMap(({ type, trace }, index) =>
      (this.#changesOf.get(type)?.(events[index]) ?? []).map((change) => ({ ...change, trace })),
    );
    this.#throwRefusal(changes, await this.changeAll(changes, tx));
  };

  #throwRefusal(changes: readonly Change<T>[], results: readonly ChangeResult<T>[]): void {
    for (const [index, result] of results.entries()) {
      if (typeof result === 'string') throw new PoisonEvent(`${this.table.name} ${changes[index]?.id}: ${result}`);
    }
  }

  async #findAll(lookups: readonly (readonly string[])[]): Promise<Row<T>[][]> {
    const rows = await selectRows(this.table, lookups.flat(), this.database);
    const found = new Map(rows.map((row) => [idOf(this.table, row), row]));
    return lookups.map((ids) => ids.flatMap((id) => found.get(id) ?? []));
  }
}
