import type { Decision, Outcome } from '#kit/decision.ts';

/** A car model and how many of it are in stock. */
export interface Car {
  readonly carId: string;
  readonly carName: string;
  readonly qty: number;
  /** Never changes: it equals the stock and the live holds. */
  readonly initialQty: number;
}

/** A newly registered car. */
export function register(carId: string, { carName, qty }: Pick<Car, 'carName' | 'qty'>): Outcome<Car, 'CarRegistered'> {
  return { state: { carId, carName, qty, initialQty: qty }, events: ['CarRegistered'] };
}

/** Takes one car out of stock. */
export function take(car: Car | undefined): Decision<Car, never, 'CAR_NOT_FOUND' | 'OUT_OF_STOCK'> {
  if (car === undefined) return 'CAR_NOT_FOUND';
  return car.qty > 0 ? { state: { ...car, qty: car.qty - 1 }, events: [] } : 'OUT_OF_STOCK';
}

/** Gives one car back. */
export function giveBack(car: Car): Outcome<Car, never> {
  return { state: { ...car, qty: car.qty + 1 }, events: [] };
}
