import type { Outcome } from '#kit/decision.ts';

/** A car model and how many of it are in stock. `version` grows by one with each change. */
export interface Car {
  readonly carId: string;
  readonly carName: string;
  readonly qty: number;
  readonly version: number;
}

/**
 * Where the stock that is held for one reservation stands: TAKEN out of stock, CONFIRMED by its reservation, or RELEASED, which is final.
 * A release that arrives before the take leaves RELEASED too, so that the late take is refused.
 */
export type HoldState = 'TAKEN' | 'CONFIRMED' | 'RELEASED';

/** The stock of one car held (or once held) for one reservation id. */
export interface Hold {
  readonly carId: string;
  readonly state: HoldState;
}

/** A car together with the hold of one reservation id, if there is one: what the rules below decide on. */
export interface Stock {
  readonly car: Car;
  readonly hold: Hold | undefined;
}

/** Why stock cannot be taken. */
export type Refusal = 'OUT_OF_STOCK' | 'HOLD_RELEASED' | 'HOLD_OF_OTHER_CAR';

/** A newly registered car. Its initial quantity never changes: it equals the stock and the live holds. */
export function register(
  carId: string,
  { carName, qty }: Pick<Car, 'carName' | 'qty'>,
): Outcome<Omit<Car, 'version'> & { readonly initialQty: number }, 'CarRegistered'> {
  return { state: { carId, carName, qty, initialQty: qty }, events: ['CarRegistered'] };
}

/** Takes one car out of stock for the reservation id, once: a stock that already has the hold comes back as it is. */
export function take(stock: Stock): Stock | Refusal {
  const { car, hold } = stock;
  if (hold === undefined) {
    return car.qty > 0 ? { car: withQty(car, car.qty - 1), hold: { carId: car.carId, state: 'TAKEN' } } : 'OUT_OF_STOCK';
  }
  if (hold.carId !== car.carId) return 'HOLD_OF_OTHER_CAR';
  return hold.state === 'RELEASED' ? 'HOLD_RELEASED' : stock;
}

/**
 * Gives the stock of the reservation id back, once; without a hold it only leaves the mark that refuses a late take. What is held of
 * another car is not touched: when nobody confirms it, the question about it names the right car.
 */
export function release(stock: Stock): Stock {
  const { car, hold } = stock;
  if (hold === undefined) return { car, hold: { carId: car.carId, state: 'RELEASED' } };
  if (hold.carId !== car.carId || hold.state === 'RELEASED') return stock;
  return { car: withQty(car, car.qty + 1), hold: { ...hold, state: 'RELEASED' } };
}

function withQty(car: Car, qty: number): Car {
  return { ...car, qty, version: car.version + 1 };
}
