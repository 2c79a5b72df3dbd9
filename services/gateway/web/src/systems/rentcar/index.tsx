import { lazy } from 'preact-iso';
import type { SystemPages } from '../../shell/systems.ts';
import { CarsPage } from './customer/cars-page.tsx';
import { ReservationPage } from './customer/reservation-page.tsx';
import { ReservationsPage } from './customer/reservations-page.tsx';
import { at } from './paths.ts';
import { problems } from './problems.ts';

const ManageCarsPage = lazy(() => import('./manager/cars-page.tsx').then((module) => module.ManageCarsPage));
const ManageReservationsPage = lazy(() => import('./manager/reservations-page.tsx').then((module) => module.ManageReservationsPage));
const AllocationsPage = lazy(() => import('./manager/allocations-page.tsx').then((module) => module.AllocationsPage));

const pages: SystemPages = {
  areas: [
    {
      href: at(),
      name: 'Customers',
      places: [
        { href: at(), name: 'Find a car' },
        { href: at('reservations'), name: 'My reservations' },
      ],
    },
    {
      href: at('manage'),
      name: 'Managers',
      places: [
        { href: at('manage'), name: 'Cars' },
        { href: at('manage/reservations'), name: 'Reservations' },
        { href: at('manage/allocations'), name: 'Allocations' },
      ],
    },
  ],
  routes: {
    '': CarsPage,
    reservations: ReservationsPage,
    'reservations/:id': ReservationPage,
    manage: ManageCarsPage,
    'manage/reservations': ManageReservationsPage,
    'manage/allocations': AllocationsPage,
  },
  problems,
};

export default pages;
