import type { Database, Tx } from '#kit/database.ts';
import { appendEvent } from '#kit/events.ts';
import { CarRegistered, HoldUnconfirmed, StockUpdated } from '#proto/rentcar/car/v1/events.ts';
import type { Car, Hold, Refusal, Stock } from './domain.ts';

/** Which cars `list` returns, and after which one it goes on. */
export interface CarFilter {
  readonly carName: string;
  readonly inStock: boolean;
  readonly after: Cursor | undefined;
  readonly limit: number;
}

/** The place of a car in the order of registration. */
export interface Cursor {
  readonly createTime: Date;
  readonly carId: string;
}

const COLUMNS = 'car_id, car_name, qty, initial_qty, version, create_time';

interface CarRow {
  car_id: string;
  car_name: string;
  qty: number;
  initial_qty: number;
  version: number;
  create_time: Date;
}

interface HoldRow {
  car_id: string;
  state: Hold['state'];
}

/** A car with what only the store knows of it. */
export interface StoredCar extends Car {
  readonly initialQty: number;
  readonly createTime: Date;
}

/** Cars and the stock held for reservations, in PostgreSQL. */
export class CarStore {
  readonly #database: Database;
  readonly #leaseSeconds: number;

  /** `leaseSeconds`: how long a hold may stay unconfirmed before it is asked about. */
  constructor(database: Database, leaseSeconds: number) {
    this.#database = database;
    this.#leaseSeconds = leaseSeconds;
  }

  /** Stores a new car and its event, unless its id exists. Returns the car that stands, which may be an earlier one. */
  async register(car: Car): Promise<StoredCar> {
    return await this.#database.transaction(async (tx) => {
      const [created] = await tx.query<CarRow>(
        `insert into cars (car_id, car_name, qty, initial_qty, version) values ($1, $2, $3, $3, $4)
         on conflict (car_id) do nothing returning ${COLUMNS}`,
        [car.carId, car.carName, car.qty, car.version],
      );
      if (created !== undefined) {
        appendEvent(tx, CarRegistered, car.carId, { ...car });
        return fromRow(created);
      }
      const [existing] = await tx.query<CarRow>(`select ${COLUMNS} from cars where car_id = $1`, [car.carId]);
      if (existing === undefined) throw new Error(`car ${car.carId} is neither new nor there`);
      return fromRow(existing);
    });
  }

  /** The car, or undefined if there is none with this id. */
  async find(carId: string): Promise<Car | undefined> {
    const [row] = await this.#database.query<CarRow>(`select ${COLUMNS} from cars where car_id = $1`, [carId]);
    return row && fromRow(row);
  }

  /** Cars in the order of their registration. */
  async list({ carName, inStock, after, limit }: CarFilter): Promise<StoredCar[]> {
    const rows = await this.#database.query<CarRow>(
      `select ${COLUMNS} from cars
       where ($1 = '' or car_name = $1) and (not $2 or qty > 0)
         and ($3::timestamptz is null or (create_time, car_id) > ($3, $4::uuid))
       order by create_time, car_id limit $5`,
      [carName, inStock, after?.createTime ?? null, after?.carId ?? null, limit],
    );
    return rows.map(fromRow);
  }

  /**
   * Applies a rule to a car and the hold of one reservation id, and stores what it changed with a StockUpdated event if the quantity did.
   * The car's row is locked first, then the reservation id, so that everything that happens to one car or under one id happens one after
   * the other.
   *
   * Runs in `tx`, or in a transaction of its own that the call's `signal` ends.
   *
   * Returns what the rule returned, or undefined if the car does not exist.
   */
  async update<R extends Stock | Refusal>(
    carId: string,
    reservationId: string,
    rule: (stock: Stock) => R,
    { tx, signal }: { readonly tx?: Tx; readonly signal?: AbortSignal } = {},
  ): Promise<R | undefined> {
    if (tx === undefined) return await this.#database.transaction((own) => this.update(carId, reservationId, rule, { tx: own }), signal);
    const [[row], , [held]] = await Promise.all([
      tx.query<CarRow>(`select ${COLUMNS} from cars where car_id = $1 for update`, [carId]),
      // A hold that is not there yet has no row to lock: without this, one id could take two cars at once.
      tx.query('select pg_advisory_xact_lock(hashtextextended($1::uuid::text, 0))', [reservationId]),
      tx.query<HoldRow>('select car_id, state from holds where reservation_id = $1', [reservationId]),
    ]);
    if (row === undefined) return undefined;
    const stock: Stock = { car: fromRow(row), hold: held && { carId: held.car_id, state: held.state } };
    const result = rule(stock);
    if (typeof result === 'string' || result === stock) return result;
    const { car, hold } = result;
    if (hold !== undefined && hold !== stock.hold) {
      tx.write(
        `insert into holds (reservation_id, car_id, state, ask_time) values ($1, $2, $3, now() + make_interval(secs => $4))
         on conflict (reservation_id) do update set state = excluded.state`,
        [reservationId, hold.carId, hold.state, this.#leaseSeconds],
      );
    }
    if (car !== stock.car) {
      tx.write('update cars set qty = $2, version = $3 where car_id = $1', [carId, car.qty, car.version]);
      appendEvent(tx, StockUpdated, carId, { ...car });
    }
    return result;
  }

  /** Records that the reservation vouches for its hold. A hold that was released meanwhile stays released. */
  confirm(reservationId: string, tx: Tx): void {
    tx.write(`update holds set state = 'CONFIRMED' where reservation_id = $1 and state = 'TAKEN'`, [reservationId]);
  }

  /** Asks (by event) about holds that nobody confirmed within their lease, and sets when each is asked about again. */
  async askAboutUnconfirmed(): Promise<void> {
    await this.#database.transaction(async (tx) => {
      const holds = await tx.query<{ reservation_id: string; car_id: string }>(
        `update holds set ask_time = now() + make_interval(secs => $1)
         where reservation_id in (
           select reservation_id from holds where state = 'TAKEN' and ask_time < now() order by ask_time limit 500 for update skip locked)
         returning reservation_id, car_id`,
        [this.#leaseSeconds],
      );
      for (const { reservation_id: reservationId, car_id: carId } of holds) {
        appendEvent(tx, HoldUnconfirmed, reservationId, { reservationId, carId });
      }
    });
  }
}

function fromRow(row: CarRow): StoredCar {
  return {
    carId: row.car_id,
    carName: row.car_name,
    qty: row.qty,
    version: row.version,
    initialQty: row.initial_qty,
    createTime: row.create_time,
  };
}
