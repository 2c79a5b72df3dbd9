import { appendEvent, inTraceOf } from '#kit/events/events.ts';
import { Batcher } from '#kit/postgres/batcher.ts';
import type { Database, Tx } from '#kit/postgres/database.ts';
import { type Condition, queryPage, type RowPage } from '#kit/postgres/page-query.ts';
import { traceHeaders } from '#kit/runtime/telemetry.ts';
import { CarReserved, ReservationCancelled, StockReleaseRequested } from '#proto/rentcar/reservation/v1/events.ts';
import { type Reservation, type Status, tombstone } from './domain.ts';

/** A reservation with the times that the store sets. */
export interface StoredReservation extends Reservation {
  readonly createTime: Date;
  readonly updateTime: Date;
}

/** Which reservations `list` returns, and after which one the page begins. Empty strings and undefined mean all. */
export interface ReservationFilter {
  readonly userId: string;
  readonly carId: string;
  readonly status: Status | undefined;
  readonly after: readonly [createTime: Date, id: string] | undefined;
  readonly limit: number;
}

/** A rule that changes a reservation: it returns the changed one, the same one, or why it cannot be changed. */
export type Rule<R extends string> = (reservation: Reservation) => Reservation | R;

type Trace = Readonly<Record<string, string>>;

interface Addition {
  readonly reservation: Reservation;
  readonly trace: Trace;
}

interface Change {
  readonly reservationId: string;
  readonly rule: Rule<string>;
  readonly trace: Trace;
}

/** The largest number of calls that share a transaction. */
const MAX_BATCH = 256;

const COLUMNS = `reservation_id as "reservationId", car_id as "carId", car_name as "carName", user_id as "userId", user_name as "userName",
  reserved_date as "reservedDate", status, version, create_time as "createTime", update_time as "updateTime"`;

/** Reservations, in PostgreSQL. Each change is stored in one transaction with its event. */
export class ReservationStore {
  readonly #database: Database;
  readonly #additions: Batcher<Addition, StoredReservation>;
  readonly #changes: Batcher<Change, StoredReservation | string | undefined>;
  readonly #lookups: Batcher<readonly string[], StoredReservation[]>;

  constructor(database: Database) {
    this.#database = database;
    const maxItems = MAX_BATCH;
    this.#additions = new Batcher({ run: (items) => database.transaction((tx) => this.#addAll(items, tx)), maxItems });
    this.#changes = new Batcher({ run: (items) => database.transaction((tx) => this.#updateAll(items, tx)), maxItems });
    this.#lookups = new Batcher({ run: (items) => this.#findAll(items), maxItems });
  }

  /**
   * Stores a new reservation and its event, unless there is one with its id. Returns the stored reservation: of an
   * acceptance and a rejection under one id that arrive at once, the first decides.
   */
  async add(reservation: Reservation): Promise<StoredReservation> {
    return await this.#additions.do({ reservation, trace: traceHeaders() });
  }

  async #addAll(items: readonly Addition[], tx: Tx): Promise<StoredReservation[]> {
    const first = new Map<string, Addition>();
    for (const item of items) if (!first.has(item.reservation.reservationId)) first.set(item.reservation.reservationId, item);
    const added = [...first.values()].map(({ reservation }) => reservation).sort(byId);
    const stored = await insert(added, tx);
    for (const { reservationId } of stored) {
      const item = first.get(reservationId);
      if (item !== undefined) inTraceOf(item, () => appendCreated(item.reservation, tx));
    }
    const found = new Map(stored.map((each) => [each.reservationId, each]));
    if (found.size < first.size) {
      const others = [...first.keys()].filter((id) => !found.has(id));
      for (const each of await select(others, tx)) found.set(each.reservationId, each);
    }
    return items.map(({ reservation: { reservationId } }) => {
      const standing = found.get(reservationId);
      if (standing === undefined) throw new Error(`reservation ${reservationId} is neither new nor there`);
      return standing;
    });
  }

  /** Returns the reservation, or undefined if there is none with this id. */
  async find(reservationId: string): Promise<StoredReservation | undefined> {
    const [found] = await this.#lookups.do([reservationId]);
    return found;
  }

  /** Returns the reservations that exist of these ids, in the order of the ids. */
  async findAll(reservationIds: readonly string[]): Promise<StoredReservation[]> {
    return await this.#lookups.do(reservationIds);
  }

  async #findAll(lookups: readonly (readonly string[])[]): Promise<StoredReservation[][]> {
    const rows = await this.#database.query<StoredReservation>(`select ${COLUMNS} from reservations where reservation_id = any($1)`, [
      [...new Set(lookups.flat())],
    ]);
    const found = new Map(rows.map((row) => [row.reservationId, row]));
    return lookups.map((ids) => ids.flatMap((id) => found.get(id) ?? []));
  }

  /** Returns reservations, oldest first. */
  async list({ userId, carId, status, after, limit }: ReservationFilter): Promise<RowPage<StoredReservation>> {
    const conditions: Condition[] = [];
    if (userId !== '') conditions.push({ sql: 'user_id = ?', value: userId });
    if (carId !== '') conditions.push({ sql: 'car_id = ?', value: carId });
    if (status !== undefined) conditions.push({ sql: 'status = ?', value: status });
    return await queryPage(this.#database, {
      table: 'reservations',
      columns: COLUMNS,
      idColumn: 'reservation_id',
      conditions,
      after,
      limit,
    });
  }

  /**
   * Applies a rule to a reservation and stores the change, with a ReservationCancelled event if the reservation became
   * CANCELLED. Returns what the rule returned, with the times of the store, or undefined if there is no such reservation.
   */
  async update<R extends string>(reservationId: string, rule: Rule<R>): Promise<StoredReservation | R | undefined> {
    const result = await this.#changes.do({ reservationId, rule, trace: traceHeaders() });
    // A string comes from this item's rule.
    return result as StoredReservation | R | undefined;
  }

  /** Applies one rule to several reservations, as `update` does, in a transaction of the caller. */
  async updateAll<R extends string>(
    reservationIds: readonly string[],
    rule: Rule<R>,
    traces: readonly Trace[],
    tx: Tx,
  ): Promise<(StoredReservation | R | undefined)[]> {
    const items = reservationIds.map((reservationId, index) => ({ reservationId, rule, trace: traces[index] ?? {} }));
    // A string comes from the rule.
    return (await this.#updateAll(items, tx)) as (StoredReservation | R | undefined)[];
  }

  async #updateAll(items: readonly Change[], tx: Tx): Promise<(StoredReservation | string | undefined)[]> {
    const ids = [...new Set(items.map(({ reservationId }) => reservationId))].sort();
    const locked = await tx.query<StoredReservation>(
      `select ${COLUMNS} from reservations where reservation_id = any($1) order by reservation_id for update`,
      [ids],
    );
    const before = new Map(locked.map((each) => [each.reservationId, each]));
    const now = new Map(before);
    const results = items.map(({ reservationId, rule, trace }) => {
      const found = now.get(reservationId);
      if (found === undefined) return undefined;
      const result = rule(found);
      if (typeof result === 'string' || result === found) return result;
      now.set(reservationId, { ...found, ...result });
      if (result.status === 'CANCELLED') inTraceOf({ trace }, () => appendEvent(tx, ReservationCancelled, reservationId, result));
      return result;
    });
    const changed = [...now.values()].filter((each) => before.get(each.reservationId) !== each);
    for (const { reservationId, updateTime } of await save(changed, tx)) {
      const each = now.get(reservationId);
      if (each !== undefined) now.set(reservationId, { ...each, updateTime });
    }
    return results.map((result, index) => {
      if (typeof result !== 'object') return result;
      // Every reservation with a result was locked.
      const { createTime, updateTime } = now.get(items[index]?.reservationId ?? '') as StoredReservation;
      return { ...result, createTime, updateTime };
    });
  }

  /**
   * Requests the release of holds whose reservation is rejected or does not exist. Stores a tombstone for each missing
   * reservation, so that a late acceptance fails.
   */
  async releaseUnknown(holds: readonly { readonly reservationId: string; readonly carId: string }[], tx: Tx): Promise<void> {
    const tombstones = holds.map(({ reservationId, carId }) => tombstone(reservationId, carId)).sort(byId);
    const added = new Set((await insert(tombstones, tx)).map(({ reservationId }) => reservationId));
    const others = holds.filter(({ reservationId }) => !added.has(reservationId)).map(({ reservationId }) => reservationId);
    const known = others.length === 0 ? [] : await select(others, tx);
    const rejected = new Set(known.filter(({ status }) => status === 'REJECTED').map(({ reservationId }) => reservationId));
    for (const { reservationId, carId } of holds) {
      // The car that is held, which a rejected request under the same id may not have named.
      if (added.has(reservationId) || rejected.has(reservationId)) {
        appendEvent(tx, StockReleaseRequested, reservationId, { reservationId, carId });
      }
    }
  }
}

/** Appends the event of a new reservation: its stock is kept (CarReserved) or given back (StockReleaseRequested). */
function appendCreated(reservation: Reservation, tx: Tx): void {
  const { reservationId } = reservation;
  if (reservation.status === 'REJECTED') appendEvent(tx, StockReleaseRequested, reservationId, reservation);
  else appendEvent(tx, CarReserved, reservationId, reservation);
}

/** Inserts the reservations whose id is new, and returns them. The order of the ids keeps transactions from deadlocks. */
async function insert(reservations: readonly Reservation[], tx: Tx): Promise<StoredReservation[]> {
  const column = <K extends keyof Reservation>(name: K) => reservations.map((each) => each[name]);
  return await tx.query<StoredReservation>(
    `insert into reservations (reservation_id, car_id, car_name, user_id, user_name, reserved_date, status, version)
     select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[])
     on conflict (reservation_id) do nothing returning ${COLUMNS}`,
    [
      column('reservationId'),
      column('carId'),
      column('carName'),
      column('userId'),
      column('userName'),
      column('reservedDate'),
      column('status'),
      column('version'),
    ],
  );
}

async function select(reservationIds: readonly string[], tx: Tx): Promise<StoredReservation[]> {
  return await tx.query<StoredReservation>(`select ${COLUMNS} from reservations where reservation_id = any($1)`, [reservationIds]);
}

async function save(changed: readonly Reservation[], tx: Tx): Promise<Pick<StoredReservation, 'reservationId' | 'updateTime'>[]> {
  if (changed.length === 0) return [];
  return await tx.query(
    `update reservations set status = changed.status, version = changed.version, update_time = now()
     from unnest($1::uuid[], $2::text[], $3::bigint[]) as changed (id, status, version)
     where reservation_id = changed.id returning reservation_id as "reservationId", update_time as "updateTime"`,
    [changed.map(({ reservationId }) => reservationId), changed.map(({ status }) => status), changed.map(({ version }) => version)],
  );
}

function byId(a: Reservation, b: Reservation): number {
  return a.reservationId < b.reservationId ? -1 : 1;
}
