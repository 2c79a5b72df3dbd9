import type { Database, Tx } from '#kit/database.ts';
import { appendEvent } from '#kit/events.ts';
import { AllocationCancelled, CarAllocated, UseCompleted } from '#proto/rentcar/rental/v1/events.ts';
import type { Rental, Status } from './domain.ts';

/** A rental with the times that the store keeps. */
export interface StoredRental extends Rental {
  readonly createTime: Date;
  readonly updateTime: Date;
}

/** Which rentals `list` returns, and after which one it goes on. Empty strings and undefined mean all. */
export interface RentalFilter {
  readonly reservationId: string;
  readonly userId: string;
  readonly status: Status | undefined;
  readonly after: { readonly createTime: Date; readonly rentalId: string } | undefined;
  readonly limit: number;
}

/** How a rental is found: by its own id or by that of its reservation. */
export type RentalKey = { readonly rentalId: string } | { readonly reservationId: string };

const COLUMNS = 'rental_id, reservation_id, car_id, user_id, status, version, create_time, update_time';

interface RentalRow {
  rental_id: string;
  reservation_id: string;
  car_id: string;
  user_id: string;
  status: Status;
  version: number;
  create_time: Date;
  update_time: Date;
}

/** The event that tells of a rental's arrival in each status. */
const EVENTS = { ALLOCATED: CarAllocated, CANCELLED: AllocationCancelled, COMPLETED: UseCompleted } as const;

/** Rentals, in PostgreSQL. Each change is stored in one transaction with the event that tells of it. */
export class RentalStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** The rental, or undefined if there is none with this id. */
  async find(rentalId: string): Promise<StoredRental | undefined> {
    const [row] = await this.#database.query<RentalRow>(`select ${COLUMNS} from rentals where rental_id = $1`, [rentalId]);
    return row && fromRow(row);
  }

  /** Rentals, oldest first. */
  async list({ reservationId, userId, status, after, limit }: RentalFilter): Promise<StoredRental[]> {
    const rows = await this.#database.query<RentalRow>(
      `select ${COLUMNS} from rentals
       where ($1 = '' or reservation_id = nullif($1, '')::uuid) and ($2 = '' or user_id = $2) and ($3::text is null or status = $3)
         and ($4::timestamptz is null or (create_time, rental_id) > ($4, $5::uuid))
       order by create_time, rental_id limit $6`,
      [reservationId, userId, status ?? null, after?.createTime ?? null, after?.rentalId ?? null, limit],
    );
    return rows.map(fromRow);
  }

  /**
   * Applies a rule to a rental (undefined where there is none) and stores what it changed together with the event of the new status.
   *
   * Returns what the rule returned, with the store's times where it is a rental.
   */
  async update<R extends string | undefined>(
    key: RentalKey,
    rule: (rental: Rental | undefined) => Rental | R,
    tx?: Tx,
  ): Promise<StoredRental | R> {
    if (tx === undefined) return await this.#database.transaction((own) => this.update(key, rule, own));
    const found = await this.#lock(key, tx);
    const result = rule(found);
    if (typeof result !== 'object') return result;
    if (result === found) return found;
    const { rentalId, reservationId, carId, userId, status, version } = result;
    const [row] = await tx.query<RentalRow>(
      `insert into rentals (rental_id, reservation_id, car_id, user_id, status, version) values ($1, $2, $3, $4, $5, $6)
       on conflict (rental_id) do update set status = excluded.status, version = excluded.version, update_time = now() returning ${COLUMNS}`,
      [rentalId, reservationId, carId, userId, status, version],
    );
    if (row === undefined) throw new Error(`rental ${rentalId} was not stored`);
    appendEvent(tx, EVENTS[status], rentalId, result);
    return fromRow(row);
  }

  async #lock(key: RentalKey, tx: Tx): Promise<StoredRental | undefined> {
    const [column, id] = 'rentalId' in key ? ['rental_id', key.rentalId] : ['reservation_id', key.reservationId];
    const [row] = await tx.query<RentalRow>(`select ${COLUMNS} from rentals where ${column} = $1 for update`, [id]);
    return row && fromRow(row);
  }
}

function fromRow(row: RentalRow): StoredRental {
  return {
    rentalId: row.rental_id,
    reservationId: row.reservation_id,
    carId: row.car_id,
    userId: row.user_id,
    status: row.status,
    version: row.version,
    createTime: row.create_time,
    updateTime: row.update_time,
  };
}
