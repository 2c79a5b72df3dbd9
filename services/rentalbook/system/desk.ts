import { type EventHandler, onBatch } from '#kit/events/events.ts';
import { Batcher } from '#kit/postgres/batcher.ts';
import { byId, changeAll, type Trace, type TracedChange } from '#kit/postgres/changes.ts';
import type { Database, Tx } from '#kit/postgres/database.ts';
import { insertRows, lockRows, selectRows } from '#kit/postgres/rows.ts';
import type { Row } from '#kit/postgres/table.ts';
import { traceHeaders } from '#kit/runtime/telemetry.ts';
import { Rented } from '#proto/rentalbook/rental/v1/events.ts';
import { type BookOfMember, type Circulation, cancel, check, type DeskOutcome, inLibrary, type Reserve, reserve } from './domain.ts';
import { ACTIVE_RESERVES, checkTable, circulationTable, reserveTable } from './store.ts';

/** The largest number of calls that share a transaction. */
const MAX_BATCH = 256;

type ReserveRow = Row<typeof reserveTable>;

/** A change of a book's reserves or of its rental. */
interface Step {
  readonly bookId: string;
  /** Whose ACTIVE reserve the step asks for. */
  readonly userNm: string;
  /** The reserve that the step adds or changes. */
  readonly reserveId?: string;
  /** The rental that the step checks. */
  readonly rentalId?: string;
  readonly trace: Trace;
  readonly decide: (now: Known) => DeskOutcome | string | undefined;
}

/** What a step decides on, as earlier steps of the transaction left it. */
interface Known {
  readonly circulation: Circulation | undefined;
  /** The member's ACTIVE reserve of the book. */
  readonly active: Reserve | undefined;
  /** The reserve with the step's id. */
  readonly existing: Reserve | undefined;
  readonly isChecked: boolean;
}

/**
 * The desk of the library: adds and cancels reserves, and checks rentals. Each step is stored in one transaction with its events.
 * Concurrent steps share transactions. A transaction locks the rows of its books first, so steps of one book run one after the
 * other, also in several replicas.
 */
export class Desk {
  readonly #steps: Batcher<Step, ReserveRow | string | undefined>;
  readonly #statusText: string;

  /** `statusText`: what members read while a reserve is ACTIVE. */
  constructor(database: Database, statusText: string) {
    this.#statusText = statusText;
    this.#steps = new Batcher({ run: (steps) => database.transaction((tx) => runSteps(steps, tx)), maxItems: MAX_BATCH });
  }

  /** Adds a reserve, unless there is one with the id or the member has an ACTIVE one. Returns the one that there is. */
  async reserve(reserveId: string, request: BookOfMember): Promise<ReserveRow> {
    const decide: Step['decide'] = ({ circulation = inLibrary(request.bookId), active, existing }) =>
      existing === undefined && active === undefined ? reserve(circulation, reserveId, request, this.#statusText) : undefined;
    const { bookId, userNm } = request;
    const row = await this.#steps.do({ bookId, userNm, reserveId, trace: traceHeaders(), decide });
    if (typeof row !== 'object') throw new Error(`reserve ${reserveId} is neither new nor there`);
    return row;
  }

  /** Cancels a reserve. Returns the reserve as it is stored, or the refusal. */
  async cancel({ reserveId, bookId }: Reserve): Promise<ReserveRow | string | undefined> {
    const decide: Step['decide'] = ({ circulation, existing }) => existing && circulation && cancel(circulation, existing);
    return await this.#steps.do({ bookId, userNm: '', reserveId, trace: traceHeaders(), decide });
  }

  /** Event handlers of the desk: each rental is checked once. */
  handlers(): EventHandler[] {
    const check = onBatch(Rented, async (events, tx, envelopes) => {
      const steps = events.map((event, index) => checkOf(event, envelopes[index]?.trace ?? {}));
      await runSteps(steps, tx);
    });
    return [check];
  }
}

function checkOf(event: Rented, trace: Trace): Step {
  const decide: Step['decide'] = ({ circulation, active, isChecked }) => (isChecked ? undefined : check(circulation, active, event));
  return { bookId: event.bookId, userNm: event.userNm, rentalId: event.rentalId, trace, decide };
}

/** Runs steps in their order. Returns for each the reserve that it is about, as it is stored, or its refusal. */
async function runSteps(steps: readonly Step[], tx: Tx): Promise<(ReserveRow | string | undefined)[]> {
  await lockBooks(steps, tx);
  const ledger = await Ledger.read(steps, tx);
  const changes = steps.map((step) => ({ id: step.bookId, trace: step.trace, rule: (row?: Circulation) => ledger.run(step, row) }));
  const circulations = await changeAll(circulationTable, changes, tx);
  const stored = await ledger.store(tx);
  return steps.map((step, index) => {
    const result = circulations[index];
    return typeof result === 'string' ? result : stored(step);
  });
}

/** Locks the books of all steps. Adds those that are reserved for the first time. */
async function lockBooks(steps: readonly Step[], tx: Tx): Promise<void> {
  const bookIds = steps.map(({ bookId }) => bookId);
  const locked = new Set((await lockRows(circulationTable, bookIds, tx)).map(({ bookId }) => bookId));
  const missing = new Set(steps.flatMap(({ bookId, reserveId }) => (reserveId === undefined || locked.has(bookId) ? [] : bookId)));
  if (missing.size === 0) return;
  const rows = [...missing].map((bookId) => ({ ...inLibrary(bookId), version: 0 }));
  await insertRows(circulationTable, rows, tx);
  // Another transaction may have added some of them.
  await lockRows(circulationTable, [...missing], tx);
}

/** The reserves and checks that steps are about, in memory while their books are locked. */
class Ledger {
  /** As they are stored, by id. */
  readonly #rows: Map<string, ReserveRow>;
  /** As the steps leave them, by id. */
  readonly #reserves: Map<string, Reserve>;
  /** By book and member. */
  readonly #active: Map<string, Reserve>;
  readonly #checked: Set<string>;
  /** The id of the reserve that a step is about: its own, or the member's ACTIVE one. */
  readonly #reserveOf = new Map<Step, string>();
  readonly #reserveChanges: TracedChange<typeof reserveTable>[] = [];
  readonly #checkChanges: TracedChange<typeof checkTable>[] = [];

  private constructor(rows: readonly ReserveRow[], checks: readonly Row<typeof checkTable>[]) {
    this.#rows = byId(reserveTable, rows);
    this.#reserves = new Map(this.#rows);
    this.#active = new Map(rows.filter(({ status }) => status === 'ACTIVE').map((row) => [memberKey(row), row]));
    this.#checked = new Set(checks.map(({ rentalId }) => rentalId));
  }

  static async read(steps: readonly Step[], tx: Tx): Promise<Ledger> {
    const members = [steps.map(({ bookId }) => bookId), steps.map(({ userNm }) => userNm)];
    const reserveIds = steps.flatMap(({ reserveId = [] }) => reserveId);
    const rentalIds = steps.flatMap(({ rentalId = [] }) => rentalId);
    const [active, reserves, checks] = await Promise.all([
      tx.query<ReserveRow>(ACTIVE_RESERVES, members),
      selectRows(reserveTable, reserveIds, tx),
      selectRows(checkTable, rentalIds, tx),
    ]);
    return new Ledger([...active, ...reserves], checks);
  }

  /** Decides about a step, notes what changes besides the book, and returns the change of the book. */
  run(step: Step, circulation: Circulation | undefined) {
    const { trace, reserveId = '', rentalId = '' } = step;
    const [existing, active] = [this.#reserves.get(reserveId), this.#active.get(memberKey(step))];
    const outcome = step.decide({ circulation, active, existing, isChecked: this.#checked.has(rentalId) });
    const { reserve, check } = typeof outcome === 'object' ? outcome : {};
    this.#reserveOf.set(step, (reserve ?? existing ?? active)?.reserveId ?? '');
    if (reserve !== undefined) {
      this.#reserves.set(reserve.reserveId, reserve);
      if (reserve.status === 'ACTIVE') this.#active.set(memberKey(reserve), reserve);
      else this.#active.delete(memberKey(reserve));
      this.#reserveChanges.push({ id: reserve.reserveId, trace, rule: () => ({ state: reserve, events: [] }) });
    }
    if (check !== undefined) {
      this.#checked.add(rentalId);
      this.#checkChanges.push({ id: rentalId, trace, rule: () => check, isNew: true });
    }
    return typeof outcome === 'object' ? outcome.circulation : outcome;
  }

  /** Stores the reserves and checks. Returns the function that finds the reserve that a step is about, as it is stored. */
  async store(tx: Tx): Promise<(step: Step) => ReserveRow | undefined> {
    const [rows] = await Promise.all([changeAll(reserveTable, this.#reserveChanges, tx), changeAll(checkTable, this.#checkChanges, tx)]);
    for (const row of rows) if (typeof row === 'object') this.#rows.set(row.reserveId, row);
    return (step) => this.#rows.get(this.#reserveOf.get(step) ?? '');
  }
}

function memberKey({ bookId, userNm }: Pick<Step, 'bookId' | 'userNm'>): string {
  return `${bookId} ${userNm}`;
}
