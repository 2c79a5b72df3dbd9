import { randomUUID } from 'node:crypto';
import type { FollowedWork } from '../../../../dev/demos/blocks/stopped-service.ts';
import { storedCheck } from '../../../../dev/demos/blocks/stored.ts';
import type { MeshMethod } from '../../../../dev/demos/blocks/work.ts';
import type { DemoEnvironment } from '../../../../dev/demos/demo.ts';

/** The guarded call: reservation asks payment to complete a payment. */
export const COMPLETE_PAYMENT: MeshMethod = {
  host: 'payment.cinema.svc.cluster.local',
  method: 'cinema.payment.v1.PaymentService/CompletePayment',
};

/** Lets the users of one run reserve tickets of a film that no other run shows. */
export async function startReservations({ edge }: DemoEnvironment): Promise<FollowedWork> {
  const cinemaNo = `demo-${randomUUID()}`;
  const ticket = { userId: 'demo', cinemaNo, time: '2021-02-18_10:00~13:00', price: 12_000 };
  const countReserved = (list: 'reservations' | 'bookings') => edge.count(`/cinema/${list}`, { cinemaNo, status: 'RESERVED' });
  return {
    next: () => ({ path: '/cinema/reservations', body: ticket }),
    countEffects: () => countReserved('bookings'),
    check: storedCheck({
      promise: 'each reservation is paid and booked once, and nothing else is',
      successes: 'made',
      count: async () => ({ RESERVED: await countReserved('reservations'), booked: await countReserved('bookings') }),
    }),
  };
}
