import type { Autoscaling, SystemDescriptor } from '../../dev/systems/descriptor.ts';

const autoscaling: Autoscaling = { minReplicas: 1, maxReplicas: 5, cpuPercent: 15 };

/** Rental Book: members reserve, rent and return books. */
export const system: SystemDescriptor = {
  title: 'Rental Book',
  summary: 'Members reserve, rent and return books; one book is with one member.',
  number: 3,
  services: [
    {
      name: 'book',
      contract: 'rentalbook.book.v1.BookService',
      store: 'postgres',
      publishes: ['rentalbook.book.v1'],
      consumes: ['rentalbook.system.v1', 'rentalbook.system.v1.rentals'],
      autoscaling,
    },
    {
      name: 'system',
      contract: 'rentalbook.system.v1.SystemService',
      store: 'postgres',
      publishes: ['rentalbook.system.v1', 'rentalbook.system.v1.rentals', 'rentalbook.system.v1.refusals'],
      consumes: ['rentalbook.rental.v1'],
      autoscaling: { ...autoscaling, maxReplicas: 10 },
      configMaps: { STATUS_WORD: { name: 'systemword', key: 'word' } },
    },
    {
      name: 'rental',
      contract: 'rentalbook.rental.v1.RentalService',
      store: 'postgres',
      publishes: ['rentalbook.rental.v1', 'rentalbook.rental.v1.returns'],
      consumes: ['rentalbook.system.v1.rentals', 'rentalbook.system.v1.refusals'],
      calls: ['/rentalbook.system.v1.SystemService/ReturnBook'],
      autoscaling,
    },
    {
      name: 'mypage',
      contract: 'rentalbook.mypage.v1.MypageService',
      store: 'mongo',
      consumes: ['rentalbook.rental.v1', 'rentalbook.system.v1', 'rentalbook.system.v1.rentals', 'rentalbook.system.v1.refusals'],
      autoscaling,
    },
  ],
  pages: [
    { path: '/rentalbook/books', title: 'the books' },
    { path: '/rentalbook/mypages', title: 'what members see' },
  ],
  proof: () => import('./dev/proof.ts'),
  invariant: () => import('./dev/invariant.ts'),
  demos: () => import('./dev/demos/demos.ts'),
};
