import { Proof } from '../../../dev/checks/proof.ts';
import type { ProofReport } from '../../../dev/systems/descriptor.ts';

interface Car {
  readonly carId: string;
  readonly carName: string;
  readonly qty: number;
}

interface Reservation {
  readonly reservationId: string;
  readonly status: string;
}

interface Rental {
  readonly rentalId: string;
  readonly status: string;
}

const PROOF_CAR = { carName: 'SONATA', qty: 10 };
const CUSTOMER = { userId: 'self-proof', userName: 'Self Proof' };

/**
 * Proves that rent-a-car works: registers and reserves a car, sees the stock one lower, sees the allocation and the
 * customer's view appear by events, cancels, and sees everything as before.
 */
export async function prove(url: string, report: ProofReport): Promise<void> {
  const proof = new Proof(url, 'rentcar', report);
  const car = await proof.step(
    'register a car',
    () => registerCar(proof),
    ({ carName, qty }) => `${carName}, ${qty} in stock`,
  );
  const { reservationId } = await proof.step(
    'reserve it',
    () => proof.post<Reservation>('reservation', '/rentcar/reservations', { carId: car.carId, ...CUSTOMER }),
    ({ status }) => status,
  );
  const hasStock = (qty: number) => ({
    what: `${qty} in stock`,
    get: () => readCar(proof, car.carId),
    isExpected: (now: Car) => now.qty === qty,
  });
  await proof.step(
    'stock is one lower',
    () => proof.expect('car', hasStock(car.qty - 1)),
    ({ qty }) => `${qty} in stock`,
  );
  await showsStatus(proof, reservationId, 'ALLOCATED', ['allocated by event', 'shown in mypage']);
  await proof.step(
    'cancel',
    () => proof.post<Reservation>('reservation', `/rentcar/reservations/${reservationId}:cancel`, {}),
    ({ status }) => status,
  );
  await showsStatus(proof, reservationId, 'CANCELLED', ['allocation cancelled', 'mypage follows']);
  await proof.step(
    'stock is restored',
    () => proof.until('car', hasStock(car.qty)),
    ({ qty }) => `${qty} in stock`,
  );
}

/**
 * Registers the car of the proof. The idempotency key makes all proofs share one car. Where an earlier proof was cut off
 * and left less than the full stock, the next key's car is taken.
 */
async function registerCar(proof: Proof): Promise<Car> {
  for (let attempt = 1; ; attempt += 1) {
    const { carId } = await proof.post<Car>('car', '/rentcar/cars', PROOF_CAR, { 'idempotency-key': `self-proof-${attempt}` });
    const car = await readCar(proof, carId);
    if (car.qty === PROOF_CAR.qty) return car;
  }
}

async function readCar(proof: Proof, carId: string): Promise<Car> {
  return await proof.get<Car>('car', `/rentcar/cars/${carId}`);
}

/** Waits until the rental and the view of a reservation have a status. */
async function showsStatus(
  proof: Proof,
  reservationId: string,
  status: string,
  [rentalStep, viewStep]: readonly [string, string],
): Promise<void> {
  const rental = async () =>
    (await proof.get<{ rentals: Rental[] }>('rental', `/rentcar/rentals?reservationId=${reservationId}`)).rentals[0];
  const view = () => proof.find<{ status: string }>('mypage', `/rentcar/mypages/${reservationId}`);
  const isExpected = (found: { status: string } | undefined) => found?.status === status;
  await proof.step(
    rentalStep,
    () => proof.until<{ status: string } | undefined>('rental', { what: `the rental with status ${status}`, get: rental, isExpected }),
    () => status,
  );
  await proof.step(
    viewStep,
    () => proof.until('mypage', { what: `the view with status ${status}`, get: view, isExpected }),
    () => status,
  );
}
