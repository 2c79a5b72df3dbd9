import { expect } from 'vitest';
import { eventually } from './eventually.ts';
import { patiently, type RetryOptions, unique } from './patiently.ts';
import { listAll, rest } from './rest.ts';

export { NO_ID, patiently, unique } from './patiently.ts';

/** A car as REST shows it. */
export interface Car {
  readonly carId: string;
  readonly carName: string;
  readonly qty: number;
}

/** A reservation as REST shows it. */
export interface Reservation {
  readonly reservationId: string;
  readonly carId: string;
  readonly carName: string;
  readonly userId: string;
  readonly userName: string;
  readonly reservedDate: string;
  readonly status: string;
  readonly createTime: string;
  readonly updateTime: string;
}

/** A rental as REST shows it. */
export interface Rental {
  readonly rentalId: string;
  readonly reservationId: string;
  readonly carId: string;
  readonly userId: string;
  readonly status: string;
  readonly createTime: string;
  readonly updateTime: string;
}

/** A row of mypage as REST shows it. */
export interface Mypage {
  readonly reservationId: string;
  readonly carId: string;
  readonly carName: string;
  readonly userId: string;
  readonly userName: string;
  readonly reservedDate: string;
  readonly status: string;
  readonly updateTime: string;
}

/** What a reservation asks for. */
export interface Wish {
  readonly carId: string;
  readonly userId: string;
  readonly userName?: string;
  readonly reservedDate?: string;
}

/** Registers a car. */
export async function registerCar(qty: number, carName = unique('CAR')): Promise<Car> {
  return await rest('POST', '/rentcar/cars', { carName, qty });
}

/** Asks once for a reservation, as a user of its own where none is given. */
export async function tryReserve(wish: Partial<Wish> & Pick<Wish, 'carId'>, headers: Record<string, string> = {}): Promise<Reservation> {
  return await rest('POST', '/rentcar/reservations', { userId: unique('user'), ...wish }, { headers });
}

/**
 * Reserves a car as a client should: what is UNAVAILABLE is asked for again, under the same idempotency-key. So a test about something else
 * does not fail because the one before it has left a circuit open, or the machine was busy for a second.
 */
export async function reserve(
  wish: Partial<Wish> & Pick<Wish, 'carId'>,
  headers: Record<string, string> = {},
  options: RetryOptions = {},
): Promise<Reservation> {
  const [userId, key] = [unique('user'), unique('key')];
  return await patiently(() => tryReserve({ userId, ...wish }, { 'idempotency-key': key, ...headers }), options);
}

/** The cars in stock now. */
export async function qtyOf(carId: string): Promise<number> {
  const { qty } = await rest<Car>('GET', `/rentcar/cars/${carId}`);
  return qty;
}

/** A reservation as it is now. */
export async function reservationOf(reservationId: string): Promise<Reservation> {
  return await rest('GET', `/rentcar/reservations/${reservationId}`);
}

/** The rentals of a reservation: more than one would be a mistake of the system. */
export async function rentalsOf(reservationId: string): Promise<Rental[]> {
  return await listAll('/rentcar/rentals', 'rentals', { reservation_id: reservationId });
}

/** What mypage shows of a reservation. */
export async function mypageOf(reservationId: string): Promise<Mypage> {
  return await rest('GET', `/rentcar/mypages/${reservationId}`);
}

/** Everything that the system shows of a reservation and its car, apart from when mypage has heard of it last. */
export async function everythingOf({ carId, reservationId }: { carId: string; reservationId: string }): Promise<object> {
  return {
    qty: await qtyOf(carId),
    reservation: await reservationOf(reservationId),
    rentals: await rentalsOf(reservationId),
    mypage: await mypageOf(reservationId),
  };
}

/** Waits until a reservation has its one rental with this status, and returns it. */
export async function rentalBecomes(reservationId: string, status: string, limitMs?: number): Promise<Rental> {
  const look = async () => {
    const rentals = await rentalsOf(reservationId);
    expect(rentals).toEqual([expect.objectContaining({ reservationId, status })]);
    const [rental] = rentals;
    if (rental === undefined) throw new Error('unreachable: the list has one item');
    return rental;
  };
  return await eventually(`the rental of ${reservationId} is ${status}`, look, limitMs);
}

/** Waits until mypage shows a reservation with this status, and returns the row. */
export async function mypageBecomes(reservationId: string, status: string, limitMs?: number): Promise<Mypage> {
  const look = async () => {
    const mypage = await mypageOf(reservationId);
    expect(mypage).toMatchObject({ reservationId, status });
    return mypage;
  };
  return await eventually(`mypage shows ${reservationId} as ${status}`, look, limitMs);
}

/** Waits until so many of a car are in stock. */
export async function qtyBecomes(carId: string, qty: number, limitMs?: number): Promise<void> {
  const look = async () => expect(await qtyOf(carId)).toBe(qty);
  await eventually(`car ${carId} has ${qty} in stock`, look, limitMs);
}
