import type { Database, Tx } from '#kit/database.ts';
import { appendEvent } from '#kit/events.ts';
import { CarReserved, ReservationCancelled, StockReleaseRequested } from '#proto/rentcar/reservation/v1/events.ts';
import type { Reservation, Status } from './domain.ts';

/** A reservation with the times that the store keeps. */
export interface StoredReservation extends Reservation {
  readonly createTime: Date;
  readonly updateTime: Date;
}

/** Which reservations `list` returns, and after which one it goes on. Empty strings and undefined mean all. */
export interface ReservationFilter {
  readonly userId: string;
  readonly carId: string;
  readonly status: Status | undefined;
  readonly after: { readonly createTime: Date; readonly reservationId: string } | undefined;
  readonly limit: number;
}

const COLUMNS = 'reservation_id, car_id, car_name, user_id, user_name, reserved_date, status, version, create_time, update_time';

interface ReservationRow {
  reservation_id: string;
  car_id: string;
  car_name: string;
  user_id: string;
  user_name: string;
  reserved_date: string;
  status: Status;
  version: number;
  create_time: Date;
  update_time: Date;
}

/** Reservations, in PostgreSQL. Each change is stored in one transaction with the event that tells of it. */
export class ReservationStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Stores a new reservation and its event, unless there is one with its id. Returns the reservation that stands: of an acceptance and a
   * rejection under one id that arrive at once, the first decides.
   */
  async add(reservation: Reservation, tx?: Tx): Promise<StoredReservation> {
    if (tx === undefined) return await this.#database.transaction((own) => this.add(reservation, own));
    const { reservationId, carId, carName, userId, userName, reservedDate, status, version } = reservation;
    const [created] = await tx.query<ReservationRow>(
      `insert into reservations (reservation_id, car_id, car_name, user_id, user_name, reserved_date, status, version)
       values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (reservation_id) do nothing returning ${COLUMNS}`,
      [reservationId, carId, carName, userId, userName, reservedDate, status, version],
    );
    if (created !== undefined) {
      this.announce(reservation, tx);
      return fromRow(created);
    }
    const [existing] = await tx.query<ReservationRow>(`select ${COLUMNS} from reservations where reservation_id = $1`, [reservationId]);
    if (existing === undefined) throw new Error(`reservation ${reservationId} is neither new nor there`);
    return fromRow(existing);
  }

  /** The reservation, or undefined if there is none with this id. */
  async find(reservationId: string): Promise<StoredReservation | undefined> {
    const [row] = await this.#database.query<ReservationRow>(`select ${COLUMNS} from reservations where reservation_id = $1`, [
      reservationId,
    ]);
    return row && fromRow(row);
  }

  /** Reservations, oldest first. */
  async list({ userId, carId, status, after, limit }: ReservationFilter): Promise<StoredReservation[]> {
    const rows = await this.#database.query<ReservationRow>(
      `select ${COLUMNS} from reservations
       where ($1 = '' or user_id = $1) and ($2 = '' or car_id = nullif($2, '')::uuid) and ($3::text is null or status = $3)
         and ($4::timestamptz is null or (create_time, reservation_id) > ($4, $5::uuid))
       order by create_time, reservation_id limit $6`,
      [userId, carId, status ?? null, after?.createTime ?? null, after?.reservationId ?? null, limit],
    );
    return rows.map(fromRow);
  }

  /**
   * Applies a rule to a reservation and stores what it changed, with a ReservationCancelled event if it became CANCELLED.
   *
   * Returns what the rule returned (with the store's times), or undefined if there is no such reservation.
   */
  async update<R extends string>(
    reservationId: string,
    rule: (reservation: Reservation) => Reservation | R,
    tx?: Tx,
  ): Promise<StoredReservation | R | undefined> {
    if (tx === undefined) return await this.#database.transaction((own) => this.update(reservationId, rule, own));
    const found = await this.lock(reservationId, tx);
    if (found === undefined) return undefined;
    const result = rule(found);
    if (typeof result === 'string') return result;
    if (result === found) return found;
    const [row] = await tx.query<ReservationRow>(
      `update reservations set status = $2, version = $3, update_time = now() where reservation_id = $1 returning ${COLUMNS}`,
      [reservationId, result.status, result.version],
    );
    if (result.status === 'CANCELLED') {
      appendEvent(tx, ReservationCancelled, reservationId, result);
    }
    return row && fromRow(row);
  }

  /** The reservation, which then stays as it is until the transaction ends; undefined if there is none. */
  async lock(reservationId: string, tx: Tx): Promise<StoredReservation | undefined> {
    const [row] = await tx.query<ReservationRow>(`select ${COLUMNS} from reservations where reservation_id = $1 for update`, [
      reservationId,
    ]);
    return row && fromRow(row);
  }

  /**
   * Appends the event that tells car what to do with the stock of this reservation id: keep it (CarReserved) or give it back
   * (StockReleaseRequested). What became of a granted reservation later has its own events, so CarReserved always carries version 1.
   */
  announce(reservation: Reservation, tx: Tx): void {
    const { reservationId } = reservation;
    if (reservation.status === 'REJECTED') appendEvent(tx, StockReleaseRequested, reservationId, reservation);
    else appendEvent(tx, CarReserved, reservationId, { ...reservation, version: 1 });
  }
}

function fromRow(row: ReservationRow): StoredReservation {
  return {
    reservationId: row.reservation_id,
    carId: row.car_id,
    carName: row.car_name,
    userId: row.user_id,
    userName: row.user_name,
    reservedDate: row.reserved_date,
    status: row.status,
    version: row.version,
    createTime: row.create_time,
    updateTime: row.update_time,
  };
}
