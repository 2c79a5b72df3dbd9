import type { Autoscaling, SystemDescriptor } from '../../dev/systems/descriptor.ts';

const autoscaling: Autoscaling = { minReplicas: 1, maxReplicas: 5, cpuPercent: 15 };

/** Both sides of the guarded call read it; tests shorten it, so that they need not wait 30 s for a release. */
const testSettings = { LEASE_SECONDS: '2' };

/** Rent-a-car: customers reserve cars, a reservation takes stock before it is stored. */
export const system: SystemDescriptor = {
  title: 'Rent-a-car',
  summary: 'Customers reserve cars; stock is never sold twice.',
  number: 0,
  startsByDefault: true,
  services: [
    {
      name: 'car',
      contract: 'rentcar.car.v1.CarService',
      store: 'postgres',
      publishes: ['rentcar.car.v1', 'rentcar.car.v1.holds'],
      consumes: ['rentcar.reservation.v1.stock', 'rentcar.rental.v1'],
      autoscaling,
      testSettings,
    },
    {
      name: 'reservation',
      contract: 'rentcar.reservation.v1.ReservationService',
      store: 'postgres',
      publishes: ['rentcar.reservation.v1', 'rentcar.reservation.v1.stock'],
      consumes: ['rentcar.car.v1.holds', 'rentcar.rental.v1'],
      calls: ['/rentcar.car.v1.CarService/CheckUpdateStock'],
      autoscaling,
      testSettings,
    },
    {
      name: 'rental',
      contract: 'rentcar.rental.v1.RentalService',
      store: 'postgres',
      publishes: ['rentcar.rental.v1', 'rentcar.rental.v1.allocations'],
      consumes: ['rentcar.reservation.v1'],
      autoscaling,
    },
    {
      name: 'mypage',
      contract: 'rentcar.mypage.v1.MypageService',
      store: 'mongo',
      consumes: ['rentcar.reservation.v1', 'rentcar.rental.v1', 'rentcar.rental.v1.allocations'],
      autoscaling,
    },
  ],
  pages: [
    { path: '/rentcar/cars', title: 'the cars' },
    { path: '/rentcar/reservations', title: 'the reservations' },
  ],
  proof: () => import('./dev/proof.ts'),
  invariant: () => import('./dev/invariant.ts'),
  demos: () => import('./dev/demos/demos.ts'),
};
