import { Mypage_Status } from '#proto/rentcar/mypage/v1/mypage.ts';
import { readProjection, readTables, unsentEvents, type Waiting } from '../../../dev/checks/databases.ts';
import type { Stores } from '../../../dev/systems/stores.ts';

interface Car {
  readonly carId: string;
  readonly carName: string;
  readonly qty: number;
  readonly initialQty: number;
}

/** A car that a service has for a reservation. */
interface OfCar {
  readonly reservationId: string;
  readonly carId: string;
}

/** What the databases of rent-a-car say, each read at one moment. */
export interface StockSnapshot {
  readonly cars: readonly Car[];
  /** Stock that is held now: TAKEN or CONFIRMED. */
  readonly holds: readonly OfCar[];
  /** Reservations that are RESERVED. */
  readonly reserved: readonly OfCar[];
  /** Rentals that are ALLOCATED. */
  readonly allocated: readonly OfCar[];
  /** Reservation ids of the views that show an allocation. */
  readonly shown: readonly string[];
  readonly waiting: Waiting;
}

/** Reads the databases of rent-a-car. */
export async function readStock(stores: Stores): Promise<StockSnapshot> {
  const select = 'SELECT reservation_id, car_id FROM';
  const [{ rows, waiting }, views] = await Promise.all([
    readTables<{ cars: Car; holds: OfCar; reserved: OfCar; allocated: OfCar }>(stores, 'rentcar', {
      car: {
        cars: 'SELECT car_id, car_name, qty, initial_qty FROM cars ORDER BY create_time, car_id',
        holds: `${select} holds WHERE state <> 'RELEASED'`,
      },
      reservation: { reserved: `${select} reservations WHERE status = 'RESERVED'` },
      rental: { allocated: `${select} rentals WHERE status = 'ALLOCATED'` },
    }),
    readProjection(stores, 'rentcar_mypage', 'mypages'),
  ]);
  const shown = [...views].flatMap(([id, status]) => (status === Mypage_Status.ALLOCATED ? [id] : []));
  return { ...rows, shown, waiting };
}

/** Returns the counts of each car: initial, in stock, held, reserved, allocated, in mypage. */
export function countsOf(snapshot: StockSnapshot): { readonly car: Car; readonly counts: readonly number[] }[] {
  const byCar = partsOf(snapshot).map((part) => Map.groupBy(part, ({ carId }) => carId));
  return snapshot.cars.map((car) => ({
    car,
    counts: [car.initialQty, car.qty, ...byCar.map((part) => part.get(car.carId)?.length ?? 0)],
  }));
}

/**
 * Returns what does not agree, one sentence each; empty if the invariant holds: for each car, initial stock = stock + live holds;
 * live holds are the RESERVED reservations, each with exactly one allocation and one view.
 */
export function differences(snapshot: StockSnapshot): string[] {
  const stock = countsOf(snapshot).flatMap(({ car: { carId, carName }, counts: [initial, qty = 0, held = 0] }) =>
    initial === qty + held ? [] : [`car ${carId} (${carName}): initial stock ${initial}, but ${qty} in stock and ${held} held`],
  );
  const counted = partsOf(snapshot).map((part) => Map.groupBy(part, ({ reservationId, carId }) => `${reservationId} of car ${carId}`));
  const live = [...new Set(counted.flatMap((part) => [...part.keys()]))].flatMap((id) => {
    const counts = counted.map((part) => part.get(id)?.length ?? 0);
    const [held, reserved, allocated, shown] = counts;
    if (counts.every((count) => count === 1)) return [];
    return [`reservation ${id}: ${reserved} RESERVED, ${held} held, ${allocated} ALLOCATED, ${shown} in mypage`];
  });
  return [...stock, ...live, ...unsentEvents(snapshot.waiting)];
}

/** Returns what holds, reservations, rentals and views have; a view is of the car of its reservation. */
function partsOf({ holds, reserved, allocated, shown }: StockSnapshot): readonly (readonly OfCar[])[] {
  const carOf = new Map([...allocated, ...reserved].map(({ reservationId, carId }) => [reservationId, carId]));
  return [holds, reserved, allocated, shown.map((reservationId) => ({ reservationId, carId: carOf.get(reservationId) ?? '-' }))];
}
