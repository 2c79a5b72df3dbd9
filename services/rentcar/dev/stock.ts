import { Mypage_Status } from '#proto/rentcar/mypage/v1/mypage.ts';
import { readPostgres, readProjection } from '../../../dev/checks/databases.ts';
import type { Stores } from '../../../dev/systems/stores.ts';

/** What the databases of rent-a-car say, each read at one moment. */
export interface StockSnapshot {
  readonly cars: readonly { readonly carId: string; readonly carName: string; readonly qty: number; readonly initialQty: number }[];
  /** Stock that is held now: TAKEN or CONFIRMED. */
  readonly holds: readonly { readonly reservationId: string; readonly carId: string }[];
  /** Reservations that are RESERVED. */
  readonly reserved: readonly { readonly reservationId: string; readonly carId: string }[];
  /** Rentals that are ALLOCATED. */
  readonly allocated: readonly { readonly reservationId: string; readonly carId: string }[];
  /** Reservation ids of the views that show an allocation. */
  readonly shown: readonly string[];
  /** Events that are committed and not yet sent, by service. */
  readonly waiting: Readonly<Record<string, number>>;
}

/** One line of the table: the counts of a car, and whether they agree. */
export interface StockLine {
  readonly carName: string;
  readonly carId: string;
  readonly initial: number;
  readonly qty: number;
  readonly holds: number;
  readonly reserved: number;
  readonly allocated: number;
  readonly shown: number;
}

/**
 * What does not agree, one sentence each; empty if the invariant holds: for each car, initial stock = stock + live holds; live holds are
 * the RESERVED reservations, each with exactly one allocation and one view.
 */
export function differences(snapshot: StockSnapshot): string[] {
  const { cars, holds, reserved, allocated, shown, waiting } = snapshot;
  const found: string[] = [];
  const heldBy = countBy(holds.map(({ carId }) => carId));
  for (const { carId, carName, qty, initialQty } of cars) {
    const held = heldBy.get(carId) ?? 0;
    if (initialQty !== qty + held)
      found.push(`car ${carId} (${carName}): initial stock ${initialQty}, but ${qty} in stock and ${held} held`);
  }
  const held = new Map(holds.map(({ reservationId, carId }) => [reservationId, carId]));
  const rentals = countBy(allocated.map(({ reservationId }) => reservationId));
  const views = countBy(shown);
  for (const { reservationId, carId } of reserved) {
    if (held.get(reservationId) !== carId) found.push(`reservation ${reservationId} is RESERVED, but no stock of its car is held for it`);
    const rented = rentals.get(reservationId) ?? 0;
    if (rented !== 1) found.push(`reservation ${reservationId} is RESERVED, but has ${rented} allocations`);
    const seen = views.get(reservationId) ?? 0;
    if (seen !== 1) found.push(`reservation ${reservationId} is RESERVED, but ${seen} rows of mypage show it as allocated`);
  }
  const known = new Set(reserved.map(({ reservationId }) => reservationId));
  for (const id of held.keys()) if (!known.has(id)) found.push(`stock is held for reservation ${id}, which is not RESERVED`);
  for (const id of rentals.keys()) if (!known.has(id)) found.push(`a car is allocated to reservation ${id}, which is not RESERVED`);
  for (const id of views.keys()) if (!known.has(id)) found.push(`mypage shows reservation ${id} as allocated, which is not RESERVED`);
  for (const [service, count] of Object.entries(waiting)) if (count > 0) found.push(`${count} events of ${service} are not sent yet`);
  return found;
}

function countBy(keys: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}

/** The counts of each car. */
export function stockLines({ cars, holds, reserved, allocated, shown }: StockSnapshot): StockLine[] {
  const carOf = new Map([...allocated, ...holds, ...reserved].map(({ reservationId, carId }) => [reservationId, carId]));
  const [held, booked, rented] = [holds, reserved, allocated].map((each) => countBy(each.map(({ carId }) => carId)));
  const seen = countBy(shown.flatMap((id) => carOf.get(id) ?? []));
  return cars.map(({ carId, carName, qty, initialQty }) => ({
    carName,
    carId,
    initial: initialQty,
    qty,
    holds: held?.get(carId) ?? 0,
    reserved: booked?.get(carId) ?? 0,
    allocated: rented?.get(carId) ?? 0,
    shown: seen.get(carId) ?? 0,
  }));
}

interface ReservationOfCar {
  readonly reservationId: string;
  readonly carId: string;
}

/** Reads the databases of rent-a-car. Each is read at one moment; the moments of two differ, so a difference counts only if it stays. */
export async function readStock(stores: Stores): Promise<StockSnapshot> {
  const carOf = 'reservation_id AS "reservationId", car_id AS "carId"';
  const [car, reservation, rental, shown] = await Promise.all([
    readPostgres(stores, 'rentcar_car', async (reader) => ({
      cars: await reader.rows<StockSnapshot['cars'][number]>(
        'SELECT car_id AS "carId", car_name AS "carName", qty, initial_qty AS "initialQty" FROM cars ORDER BY create_time, car_id',
      ),
      holds: await reader.rows<ReservationOfCar>(`SELECT ${carOf} FROM holds WHERE state <> 'RELEASED'`),
      waiting: await reader.unsent(),
    })),
    readPostgres(stores, 'rentcar_reservation', async (reader) => ({
      reserved: await reader.rows<ReservationOfCar>(`SELECT ${carOf} FROM reservations WHERE status = 'RESERVED'`),
      waiting: await reader.unsent(),
    })),
    readPostgres(stores, 'rentcar_rental', async (reader) => ({
      allocated: await reader.rows<ReservationOfCar>(`SELECT ${carOf} FROM rentals WHERE status = 'ALLOCATED'`),
      waiting: await reader.unsent(),
    })),
    readProjection(stores, 'rentcar_mypage', 'mypages'),
  ]);
  return {
    cars: car.cars,
    holds: car.holds,
    reserved: reservation.reserved,
    allocated: rental.allocated,
    shown: [...shown].flatMap(([id, status]) => (status === Mypage_Status.ALLOCATED ? [id] : [])),
    waiting: { car: car.waiting, reservation: reservation.waiting, rental: rental.waiting },
  };
}
