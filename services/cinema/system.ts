import type { Autoscaling, SystemDescriptor } from '../../dev/systems/descriptor.ts';

/** All services but reservation, which takes the load of customers first. */
const autoscaling: Autoscaling = { minReplicas: 1, maxReplicas: 5, cpuPercent: 15 };

/** Both sides of the guarded call read it; tests shorten it, so that they need not wait 30 s for a refund. */
const testSettings = { LEASE_SECONDS: '2' };

/** Happy Cinema: customers reserve tickets, which are paid before the reservation is stored and booked afterwards. */
export const system: SystemDescriptor = {
  title: 'Happy Cinema',
  summary: 'Customers reserve tickets; they are paid first, and refunded when cancelled.',
  number: 2,
  services: [
    {
      name: 'reservation',
      contract: 'cinema.reservation.v1.ReservationService',
      store: 'postgres',
      publishes: ['cinema.reservation.v1', 'cinema.reservation.v1.cancellations', 'cinema.reservation.v1.payments'],
      consumes: ['cinema.cinema.v1', 'cinema.payment.v1.claims'],
      calls: ['/cinema.payment.v1.PaymentService/CompletePayment'],
      autoscaling: { minReplicas: 1, maxReplicas: 10, cpuPercent: 15 },
      testSettings,
    },
    {
      name: 'payment',
      contract: 'cinema.payment.v1.PaymentService',
      store: 'postgres',
      publishes: ['cinema.payment.v1', 'cinema.payment.v1.claims'],
      consumes: ['cinema.reservation.v1.cancellations', 'cinema.reservation.v1.payments'],
      autoscaling,
      testSettings,
    },
    {
      name: 'cinema',
      contract: 'cinema.cinema.v1.CinemaService',
      store: 'postgres',
      publishes: ['cinema.cinema.v1'],
      consumes: ['cinema.payment.v1'],
      autoscaling,
    },
    {
      name: 'information',
      contract: 'cinema.information.v1.InformationService',
      store: 'mongo',
      consumes: ['cinema.cinema.v1', 'cinema.payment.v1', 'cinema.reservation.v1', 'cinema.reservation.v1.cancellations'],
      autoscaling,
    },
  ],
  pages: [
    { path: '/cinema/reservations', title: 'the reservations' },
    { path: '/cinema/informations', title: 'what customers see' },
  ],
  proof: () => import('./dev/proof.ts'),
  invariant: () => import('./dev/invariant.ts'),
  demos: () => import('./dev/demos/demos.ts'),
};
