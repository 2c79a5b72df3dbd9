import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DemoWork, type MeshMethod, successes } from '../../../../dev/demos/blocks/work.ts';
import type { DemoEnvironment, Finding } from '../../../../dev/demos/demo.ts';
import type { EdgeClient } from '../../../../dev/demos/edge-client.ts';

/** The guarded call: reservation asks car for stock. */
export const CHECK_STOCK: MeshMethod = { host: 'car.rentcar.svc.cluster.local', method: 'rentcar.car.v1.CarService/CheckUpdateStock' };
export const RESERVATION_HOST = 'reservation.rentcar.svc.cluster.local';

/** More than the users of one run can reserve. */
const STOCK = 100_000;
/** Limit of the time in which events that are under way arrive, in milliseconds. */
const EVENT_LIMIT_MS = 10_000;
const POLL_MS = 100;

/** Reservations of one car. */
export interface Reservations extends DemoWork {
  /** The customer of all reservations of this run. */
  readonly userId: string;
}

/** Registers a car for the users of one run. */
export async function startReservations({ edge }: DemoEnvironment): Promise<Reservations> {
  const userId = `demo-${randomUUID()}`;
  const { carId } = await edge.ask<{ carId: string }>('/rentcar/cars', { carName: 'DEMONSTRATION', qty: STOCK });
  return {
    next: () => ({ path: '/rentcar/reservations', body: { carId, userId } }),
    userId,
    check: async (record) => [await stockFinding(edge, carId, successes(record.answers))],
  };
}

/** Compares the stock that is gone with the reservations that were made, as soon as the events have arrived. */
async function stockFinding(edge: EdgeClient, carId: string, made: number): Promise<Finding> {
  const taken = async () => STOCK - (await edge.ask<{ qty: number }>(`/rentcar/cars/${carId}`)).qty;
  for (const limit = performance.now() + EVENT_LIMIT_MS; performance.now() < limit && (await taken()) !== made; ) await sleep(POLL_MS);
  const reserved = await edge.count('/rentcar/reservations', { carId, status: 'RESERVED' }, 'reservations');
  const gone = await taken();
  return {
    held: gone === made && reserved === made,
    promise: 'stock is taken once for each reservation',
    seen: `${made} made, ${reserved} RESERVED, ${gone} taken`,
  };
}

/** Counts the allocations of a customer. Rejects while rental is away. */
export async function countRentals(edge: EdgeClient, userId: string): Promise<number> {
  return await edge.count('/rentcar/rentals', { userId, status: 'ALLOCATED' }, 'rentals');
}
