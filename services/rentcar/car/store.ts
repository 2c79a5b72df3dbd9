import { appendEvent } from '#kit/events/events.ts';
import { Batcher } from '#kit/postgres/batcher.ts';
import type { Database, Queries, Tx } from '#kit/postgres/database.ts';
import { type Condition, queryPage, type RowPage } from '#kit/postgres/page-query.ts';
import { CarRegistered, StockUpdated } from '#proto/rentcar/car/v1/events.ts';
import { type Car, type Hold, type Refusal, release, type Stock, take } from './domain.ts';

/** A car with the fields that only the store sets. */
export interface StoredCar extends Car {
  readonly initialQty: number;
  readonly createTime: Date;
}

/** Which cars `list` returns, and after which car the page begins. An empty name and false mean all. */
export interface CarFilter {
  readonly carName: string;
  readonly inStock: boolean;
  readonly after: readonly [createTime: Date, id: string] | undefined;
  readonly limit: number;
}

/** Stock of a car for one reservation id. */
export interface StockOfReservation {
  readonly carId: string;
  readonly reservationId: string;
}

/** A take that waits for its batch. A call that has ended meanwhile takes nothing. */
interface Take extends StockOfReservation {
  readonly call: { readonly cancelled: boolean };
}

/** What a take comes to. Undefined: there is no such car, or the call has ended. */
type TakeOutcome = Stock | Refusal | undefined;

/** The largest number of takes in a transaction: it holds the lock of the car, for which other replicas wait. */
const MAX_TAKES = 256;

/**
 * How long a take waits for the lock of a car, in milliseconds. Three tries and the pauses between them fit in the 1 s that
 * mesh/rentcar/car.yaml allows, so that the caller learns that nothing was taken.
 */
const TAKE_LOCK_MS = 200;

const COLUMNS = 'car_id as "carId", car_name as "carName", qty, initial_qty as "initialQty", version, create_time as "createTime"';

/** Cars and the stock held for reservations, in PostgreSQL. */
export class CarStore {
  readonly #database: Database;
  readonly #takes: Batcher<Take, TakeOutcome>;
  /** Cars whose stock this process has changed since it last published their stock. */
  #changed = new Set<string>();

  constructor(database: Database) {
    this.#database = database;
    this.#takes = new Batcher({ run: (takes) => this.#takeAll(takes), maxItems: MAX_TAKES });
  }

  /** Stores a new car and its event, unless its id exists. Returns the stored car, which may be an earlier one. */
  async register(car: Car): Promise<StoredCar> {
    return await this.#database.transaction(async (tx) => {
      const [created] = await tx.query<StoredCar>(
        `insert into cars (car_id, car_name, qty, initial_qty, version, published_version) values ($1, $2, $3, $3, $4, $4)
         on conflict (car_id) do nothing returning ${COLUMNS}`,
        [car.carId, car.carName, car.qty, car.version],
      );
      if (created !== undefined) {
        appendEvent(tx, CarRegistered, car.carId, { ...car });
        return created;
      }
      const existing = await find(car.carId, tx);
      if (existing === undefined) throw new Error(`car ${car.carId} is neither new nor there`);
      return existing;
    });
  }

  /** Returns the car, or undefined if there is none with this id. */
  async find(carId: string): Promise<StoredCar | undefined> {
    return await find(carId, this.#database);
  }

  /** Returns cars in the order of their registration. */
  async list({ carName, inStock, after, limit }: CarFilter): Promise<RowPage<StoredCar>> {
    const conditions: Condition[] = [];
    if (carName !== '') conditions.push({ sql: 'car_name = ?', value: carName });
    if (inStock) conditions.push({ sql: 'in_stock' });
    return await queryPage(this.#database, { table: 'cars', columns: COLUMNS, idColumn: 'car_id', conditions, after, limit });
  }

  /**
   * Takes stock for a reservation id, in one transaction with the other takes that wait. Returns what the rule `take`
   * returns, or undefined if there is no such car. Takes nothing if the call ends before the car is locked.
   */
  async take(stock: StockOfReservation, call: { readonly cancelled: boolean }): Promise<TakeOutcome> {
    return await this.#takes.do({ ...stock, call });
  }

  async #takeAll(takes: readonly Take[]): Promise<TakeOutcome[]> {
    const open = takes.filter(({ call }) => !call.cancelled);
    if (open.length === 0) return takes.map(() => undefined);
    return await this.#database.transaction(async (tx) => {
      tx.write(`set local lock_timeout = ${TAKE_LOCK_MS}`);
      const ledger = await Ledger.lock(open, tx);
      const outcomes = takes.map((item) => (item.call.cancelled ? undefined : ledger.apply(item, take)));
      this.#save(ledger, tx);
      return outcomes;
    });
  }

  /** Gives the stock of reservation ids back, each once. Ids that hold nothing get a mark that refuses a late take. */
  async releaseAll(releases: readonly StockOfReservation[], tx: Tx): Promise<void> {
    const ledger = await Ledger.lock(releases, tx);
    for (const item of releases) ledger.apply(item, release);
    this.#save(ledger, tx);
  }

  #save(ledger: Ledger, tx: Tx): void {
    for (const carId of ledger.save(tx)) this.#changed.add(carId);
  }

  /**
   * Publishes the newest stock of the cars that have changed since the last time: of all cars that any process has
   * changed, or of those that this process has changed.
   */
  async publishStock(which: 'all' | 'changed here'): Promise<void> {
    const carIds = [...this.#changed].sort();
    if (which === 'changed here' && carIds.length === 0) return;
    this.#changed = new Set();
    try {
      await this.#database.transaction(async (tx) => {
        const where = which === 'all' ? 'true' : 'car_id = any($1)';
        const rows = await tx.query<StoredCar>(
          `with changed as (
             select car_id from cars where ${where} and published_version <> version order by car_id for update skip locked)
           update cars set published_version = version where car_id in (select car_id from changed) returning ${COLUMNS}`,
          which === 'all' ? [] : [carIds],
        );
        for (const { carId, carName, qty, version } of rows) appendEvent(tx, StockUpdated, carId, { carId, carName, qty, version });
        // A car that is locked at this moment is published the next time.
        const published = new Set(rows.map(({ carId }) => carId));
        for (const carId of carIds) if (!published.has(carId)) this.#changed.add(carId);
      });
    } catch (error) {
      for (const carId of carIds) this.#changed.add(carId);
      throw error;
    }
  }
}

async function find(carId: string, queries: Queries): Promise<StoredCar | undefined> {
  const [car] = await queries.query<StoredCar>(`select ${COLUMNS} from cars where car_id = $1`, [carId]);
  return car;
}

/** Cars and holds, locked and changed by rules in memory, then saved with one statement for each table. */
class Ledger {
  readonly #lockedCars: ReadonlyMap<string, Car>;
  readonly #lockedHolds: ReadonlyMap<string, Hold>;
  readonly #cars: Map<string, Car>;
  readonly #holds: Map<string, Hold>;

  private constructor(cars: ReadonlyMap<string, Car>, holds: ReadonlyMap<string, Hold>) {
    this.#lockedCars = cars;
    this.#lockedHolds = holds;
    this.#cars = new Map(cars);
    this.#holds = new Map(holds);
  }

  /**
   * Locks cars and then holds, each in the order of their ids, so that transactions of several replicas never deadlock.
   * Cars that do not exist are absent.
   */
  static async lock(items: readonly StockOfReservation[], tx: Tx): Promise<Ledger> {
    const [cars, holds] = await Promise.all([
      tx.query<Car>(
        'select car_id as "carId", car_name as "carName", qty, version from cars where car_id = any($1) order by car_id for update',
        [sorted(items.map(({ carId }) => carId))],
      ),
      tx.query<Hold & { reservationId: string }>(
        `select reservation_id as "reservationId", car_id as "carId", state from holds where reservation_id = any($1)
         order by reservation_id for update`,
        [sorted(items.map(({ reservationId }) => reservationId))],
      ),
    ]);
    return new Ledger(
      new Map(cars.map((car) => [car.carId, car])),
      new Map(holds.map(({ reservationId, carId, state }) => [reservationId, { carId, state }])),
    );
  }

  /** Applies a rule. Returns what the rule returns, or undefined if there is no such car. */
  apply<R extends Stock | Refusal>({ carId, reservationId }: StockOfReservation, rule: (stock: Stock) => R): R | undefined {
    const car = this.#cars.get(carId);
    if (car === undefined) return undefined;
    const result = rule({ car, hold: this.#holds.get(reservationId) });
    if (typeof result === 'string') return result;
    this.#cars.set(carId, result.car);
    if (result.hold !== undefined) this.#holds.set(reservationId, result.hold);
    return result;
  }

  /**
   * Writes the cars and holds that have changed. Returns the ids of the changed cars. If another replica adds a hold under
   * one of the new ids at the same time, the transaction fails with a unique violation.
   */
  save(tx: Tx): string[] {
    const holds = [...this.#holds].filter(([id, hold]) => this.#lockedHolds.get(id) !== hold).sort(([a], [b]) => (a < b ? -1 : 1));
    const added = holds.filter(([id]) => !this.#lockedHolds.has(id));
    const released = holds.filter(([id]) => this.#lockedHolds.has(id));
    const cars = [...this.#cars.values()].filter((car) => this.#lockedCars.get(car.carId) !== car);
    if (added.length > 0) {
      tx.write('insert into holds (reservation_id, car_id, state) select * from unnest($1::uuid[], $2::uuid[], $3::text[])', [
        added.map(([id]) => id),
        added.map(([, { carId }]) => carId),
        added.map(([, { state }]) => state),
      ]);
    }
    if (released.length > 0) {
      tx.write(`update holds set state = 'RELEASED' where reservation_id = any($1)`, [released.map(([id]) => id)]);
    }
    if (cars.length > 0) {
      tx.write(
        `update cars set qty = changed.qty, version = changed.version
         from unnest($1::uuid[], $2::int[], $3::bigint[]) as changed (car_id, qty, version) where cars.car_id = changed.car_id`,
        [cars.map(({ carId }) => carId), cars.map(({ qty }) => qty), cars.map(({ version }) => version)],
      );
    }
    return cars.map(({ carId }) => carId);
  }
}

function sorted(ids: readonly string[]): string[] {
  return [...new Set(ids)].sort();
}
