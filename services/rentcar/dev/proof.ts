import { Proof } from '../../../dev/checks/proof.ts';
import type { ProofReport } from '../../../dev/systems/descriptor.ts';

interface Car {
  readonly carId: string;
  readonly carName: string;
  readonly qty: number;
}

const CAR = { carName: 'SONATA', qty: 10 };

/**
 * Proves that rent-a-car works: registers and reserves a car, sees the stock one lower, sees the allocation and the
 * customer's view appear by events, cancels, and sees everything as before.
 */
export async function prove(url: string, report: ProofReport): Promise<void> {
  const proof = new Proof(url, 'rentcar', report);
  const { carId } = await proof.createShared<Car>('register a car', {
    service: 'car',
    path: '/rentcar/cars',
    body: CAR,
    idOf: (car) => car.carId,
    isUsable: ({ qty }) => qty === CAR.qty,
    result: (car) => `${car.carName}, ${inStock(car)}`,
  });
  const stock = (expected: number) => ({
    what: `${expected} in stock`,
    get: () => proof.get<Car>('car', `/rentcar/cars/${carId}`),
    isExpected: ({ qty }: Car) => qty === expected,
  });
  const [reservations, request] = ['/rentcar/reservations', { carId, userId: 'self-proof', userName: 'Self Proof' }];
  const { reservationId: id } = await proof.change<{ reservationId: string }>('reserve it', 'reservation', reservations, request);
  const [rental, view] = [`/rentcar/rentals?reservationId=${id}`, `/rentcar/mypages/${id}`];
  await proof.step('stock is one lower', () => proof.expect('car', stock(CAR.qty - 1)), inStock);
  await proof.waitForStatus('allocated by event', 'rental', rental, 'ALLOCATED');
  await proof.waitForStatus('shown in mypage', 'mypage', view, 'ALLOCATED');
  await proof.change('cancel', 'reservation', `${reservations}/${id}:cancel`);
  await proof.waitForStatus('allocation cancelled', 'rental', rental, 'CANCELLED');
  await proof.waitForStatus('mypage follows', 'mypage', view, 'CANCELLED');
  await proof.wait('stock is restored', 'car', stock(CAR.qty), inStock);
}

function inStock({ qty }: Car): string {
  return `${qty} in stock`;
}
