import { appendEvent, inTraceOf } from '#kit/events/events.ts';
import { Batcher } from '#kit/postgres/batcher.ts';
import type { Database, Tx } from '#kit/postgres/database.ts';
import { type Condition, queryPage, type RowPage } from '#kit/postgres/page-query.ts';
import { traceHeaders } from '#kit/runtime/telemetry.ts';
import { AllocationCancelled, CarAllocated, UseCompleted } from '#proto/rentcar/rental/v1/events.ts';
import { complete, type Rental, type Status } from './domain.ts';

/** A rental with the times that the store sets. */
export interface StoredRental extends Rental {
  readonly createTime: Date;
  readonly updateTime: Date;
}

/** Which rentals `list` returns, and after which one the page begins. Empty strings and undefined mean all. */
export interface RentalFilter {
  readonly reservationId: string;
  readonly userId: string;
  readonly status: Status | undefined;
  readonly after: readonly [createTime: Date, id: string] | undefined;
  readonly limit: number;
}

/** A change of one rental. */
export interface RentalChange {
  readonly rentalId: string;
  /** Returns the changed rental, the same one, or undefined to leave it as it is. */
  readonly rule: (rental: Rental | undefined) => Rental | undefined;
  /** Whether the rule only ever adds a rental, so that an existing one need not be read. */
  readonly isAddition: boolean;
  /** The trace that the event of the change continues. */
  readonly trace: Readonly<Record<string, string>>;
}

interface Completion {
  readonly rentalId: string;
  readonly trace: Readonly<Record<string, string>>;
}

/** The largest number of calls that share a transaction. */
const MAX_BATCH = 256;

const COLUMNS = `rental_id as "rentalId", reservation_id as "reservationId", car_id as "carId", user_id as "userId", status, version,
  create_time as "createTime", update_time as "updateTime"`;

/** The event of a rental's arrival in each status. */
const EVENTS = { ALLOCATED: CarAllocated, CANCELLED: AllocationCancelled, COMPLETED: UseCompleted } as const;

/** Rentals, in PostgreSQL. Each change is stored in one transaction with its event. */
export class RentalStore {
  readonly #database: Database;
  readonly #completions: Batcher<Completion, StoredRental | 'NOT_ALLOCATED' | undefined>;

  constructor(database: Database) {
    this.#database = database;
    this.#completions = new Batcher({ run: (items) => this.#completeAll(items), maxItems: MAX_BATCH });
  }

  /** Returns the rental, or undefined if there is none with this id. */
  async find(rentalId: string): Promise<StoredRental | undefined> {
    const [found] = await this.#database.query<StoredRental>(`select ${COLUMNS} from rentals where rental_id = $1`, [rentalId]);
    return found;
  }

  /** Returns rentals, oldest first. */
  async list({ reservationId, userId, status, after, limit }: RentalFilter): Promise<RowPage<StoredRental>> {
    const conditions: Condition[] = [];
    if (reservationId !== '') conditions.push({ sql: 'reservation_id = ?', value: reservationId });
    if (userId !== '') conditions.push({ sql: 'user_id = ?', value: userId });
    if (status !== undefined) conditions.push({ sql: 'status = ?', value: status });
    return await queryPage(this.#database, { table: 'rentals', columns: COLUMNS, idColumn: 'rental_id', conditions, after, limit });
  }

  /** Completes a rental by the rule `complete`. Returns what the rule returned, or undefined if there is no such rental. */
  async complete(rentalId: string): Promise<StoredRental | 'NOT_ALLOCATED' | undefined> {
    return await this.#completions.do({ rentalId, trace: traceHeaders() });
  }

  async #completeAll(items: readonly Completion[]): Promise<(StoredRental | 'NOT_ALLOCATED' | undefined)[]> {
    return await this.#database.transaction(async (tx) => {
      const refused = new Set<string>();
      const changes = items.map(({ rentalId, trace }): RentalChange => {
        const rule = (rental: Rental | undefined) => {
          const result = rental && complete(rental);
          if (result === 'NOT_ALLOCATED') refused.add(rentalId);
          return result === 'NOT_ALLOCATED' ? undefined : result;
        };
        return { rentalId, rule, isAddition: false, trace };
      });
      const rentals = await this.changeAll(changes, tx);
      return items.map(({ rentalId }) => (refused.has(rentalId) ? 'NOT_ALLOCATED' : rentals.get(rentalId)));
    });
  }

  /**
   * Applies changes in their order and stores the results with the event of each new status. Locks rentals in the order
   * of their ids, so that transactions never deadlock. Returns the rentals that were locked or stored, by id.
   *
   * Throws if a rental that did not exist is added by another transaction at the same time.
   */
  async changeAll(changes: readonly RentalChange[], tx: Tx): Promise<Map<string, StoredRental>> {
    const toLock = new Set(changes.filter(({ isAddition }) => !isAddition).map(({ rentalId }) => rentalId));
    const locked = new Map((await lock([...toLock].sort(), tx)).map((rental) => [rental.rentalId, rental]));
    const now = new Map<string, Rental>(locked);
    const events = new Map<string, { readonly rental: Rental; readonly trace: RentalChange['trace'] }[]>();
    for (const { rentalId, rule, trace } of changes) {
      const found = now.get(rentalId);
      const result = rule(found);
      if (result === undefined || result === found) continue;
      now.set(rentalId, result);
      events.set(rentalId, [...(events.get(rentalId) ?? []), { rental: result, trace }]);
    }
    const changed = [...events.keys()].sort().flatMap((id) => now.get(id) ?? []);
    const added = await insert(
      changed.filter(({ rentalId }) => !locked.has(rentalId)),
      tx,
    );
    const updated = await update(
      changed.filter(({ rentalId }) => locked.has(rentalId)),
      tx,
    );
    const stored = new Map([...added, ...updated].map((rental) => [rental.rentalId, rental]));
    for (const [rentalId, ofRental] of events) {
      if (!stored.has(rentalId)) {
        // It exists, and was not locked since it was only to be added.
        if (toLock.has(rentalId)) throw new Error(`rental ${rentalId} was added by another transaction`);
        continue;
      }
      for (const { rental, trace } of ofRental) inTraceOf({ trace }, () => appendEvent(tx, EVENTS[rental.status], rentalId, rental));
    }
    return new Map([...locked, ...stored]);
  }
}

async function lock(rentalIds: readonly string[], tx: Tx): Promise<StoredRental[]> {
  if (rentalIds.length === 0) return [];
  return await tx.query<StoredRental>(`select ${COLUMNS} from rentals where rental_id = any($1) order by rental_id for update`, [
    rentalIds,
  ]);
}

/** Inserts the rentals whose reservation has none, and returns them. */
async function insert(rentals: readonly Rental[], tx: Tx): Promise<StoredRental[]> {
  if (rentals.length === 0) return [];
  return await tx.query<StoredRental>(
    `insert into rentals (rental_id, reservation_id, car_id, user_id, status, version)
     select * from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::bigint[])
     on conflict do nothing returning ${COLUMNS}`,
    [
      rentals.map(({ rentalId }) => rentalId),
      rentals.map(({ reservationId }) => reservationId),
      rentals.map(({ carId }) => carId),
      rentals.map(({ userId }) => userId),
      rentals.map(({ status }) => status),
      rentals.map(({ version }) => version),
    ],
  );
}

async function update(rentals: readonly Rental[], tx: Tx): Promise<StoredRental[]> {
  if (rentals.length === 0) return [];
  return await tx.query<StoredRental>(
    `update rentals set status = changed.status, version = changed.version, update_time = now()
     from unnest($1::uuid[], $2::text[], $3::bigint[]) as changed (id, status, version)
     where rental_id = changed.id returning ${COLUMNS.replace('status, version', 'rentals.status, rentals.version')}`,
    [rentals.map(({ rentalId }) => rentalId), rentals.map(({ status }) => status), rentals.map(({ version }) => version)],
  );
}
