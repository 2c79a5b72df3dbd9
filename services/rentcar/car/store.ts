import { Batcher } from '#kit/postgres/batcher.ts';
import type { Database, Tx } from '#kit/postgres/database.ts';
import { boolean, generated, integer, table, text, uuid } from '#kit/postgres/table.ts';
import { CarRegistered, StockUpdated } from '#proto/rentcar/car/v1/events.ts';
import { type Car, type Hold, type Refusal, release, type Stock, take } from './domain.ts';

/** Cars. */
export const carTable = table('cars', {
  namespace: 'rentcar.car',
  id: 'carId',
  columns: { carId: uuid, carName: text, qty: integer, initialQty: integer, inStock: generated(boolean) },
  mutable: ['qty'],
  events: { CarRegistered, StockUpdated },
});

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

/** The stock of cars, and what is held of it for reservations. */
export class CarStore {
  readonly #database: Database;
  readonly #takes: Batcher<Take, TakeOutcome>;
  readonly #onChange: (carIds: readonly string[]) => void;

  /** `onChange`: called with the ids of the cars that a transaction is about to change. */
  constructor(database: Database, onChange: (carIds: readonly string[]) => void) {
    this.#database = database;
    this.#onChange = onChange;
    this.#takes = new Batcher({ run: (takes) => this.#takeAll(takes), maxItems: MAX_TAKES });
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
    this.#onChange(ledger.save(tx));
  }
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
        `update cars set qty = changed.qty, version = changed.version, update_time = now()
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
