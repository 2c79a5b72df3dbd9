import { randomUUID } from 'node:crypto';
import { CheckUpdateStockRequest } from '#proto/rentcar/car/v1/car.ts';
import type { ProbedWork } from '../../../../dev/demos/blocks/probes.ts';
import type { FollowedWork } from '../../../../dev/demos/blocks/stopped-service.ts';
import { storedCheck } from '../../../../dev/demos/blocks/stored.ts';
import type { MeshMethod } from '../../../../dev/demos/blocks/work.ts';
import type { DemoEnvironment } from '../../../../dev/demos/demo.ts';
import type { EdgeClient } from '../../../../dev/demos/edge-client.ts';

/** The guarded call: reservation asks car for stock. */
export const CHECK_STOCK: MeshMethod = { host: 'car.rentcar.svc.cluster.local', method: 'rentcar.car.v1.CarService/CheckUpdateStock' };

/** More than the users of one run can reserve. */
const STOCK = 100_000;

/** Registers a car, and lets the users of one run reserve it as one customer. */
export async function startReservations({ edge }: DemoEnvironment): Promise<FollowedWork> {
  const userId = `demo-${randomUUID()}`;
  const { carId, countTaken } = await registerCar(edge);
  const countReserved = () => edge.count('/rentcar/reservations', { carId, status: 'RESERVED' });
  return {
    next: () => ({ path: '/rentcar/reservations', body: { carId, userId } }),
    countEffects: () => edge.count('/rentcar/rentals', { userId, status: 'ALLOCATED' }),
    check: storedCheck({
      promise: 'stock is taken once for each reservation',
      successes: 'made',
      count: async () => ({ RESERVED: await countReserved(), taken: await countTaken() }),
    }),
  };
}

/** Registers a car, whose stock is taken for unknown reservations: car gives it back when its lease is over. */
export async function startHolds({ edge }: DemoEnvironment): Promise<ProbedWork> {
  const { carId, countTaken } = await registerCar(edge);
  return { request: () => CheckUpdateStockRequest.encode({ carId, reservationId: randomUUID() }).finish(), countTaken };
}

async function registerCar(edge: EdgeClient) {
  const { carId } = await edge.ask<{ carId: string }>('/rentcar/cars', { carName: 'DEMONSTRATION', qty: STOCK });
  return { carId, countTaken: async () => STOCK - (await edge.ask<{ qty: number }>(`/rentcar/cars/${carId}`)).qty };
}
