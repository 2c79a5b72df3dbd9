import { lazy } from 'preact-iso';
import type { SystemPages } from '../../shell/systems.ts';
import { ProgrammePage } from './customer/programme-page.tsx';
import { ReservationPage } from './customer/reservation-page.tsx';
import { ReservationsPage } from './customer/reservations-page.tsx';
import { at } from './paths.ts';
import { problems } from './problems.ts';

const StaffReservationsPage = lazy(() => import('./staff/reservations-page.tsx').then((module) => module.StaffReservationsPage));
const BookingsPage = lazy(() => import('./staff/bookings-page.tsx').then((module) => module.BookingsPage));
const PaymentsPage = lazy(() => import('./staff/payments-page.tsx').then((module) => module.PaymentsPage));

const pages: SystemPages = {
  areas: [
    {
      href: at(),
      name: 'Customers',
      places: [
        { href: at(), name: 'Programme' },
        { href: at('reservations'), name: 'My tickets' },
      ],
    },
    {
      href: at('staff'),
      name: 'Staff',
      places: [
        { href: at('staff'), name: 'Reservations' },
        { href: at('staff/bookings'), name: 'Bookings' },
        { href: at('staff/payments'), name: 'Payments' },
      ],
    },
  ],
  routes: {
    '': ProgrammePage,
    reservations: ReservationsPage,
    'reservations/:id': ReservationPage,
    staff: StaffReservationsPage,
    'staff/bookings': BookingsPage,
    'staff/payments': PaymentsPage,
  },
  problems,
};

export default pages;
