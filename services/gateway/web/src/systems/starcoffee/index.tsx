import { lazy } from 'preact-iso';
import type { SystemPages } from '../../shell/systems.ts';
import { MenuPage } from './customer/menu-page.tsx';
import { OrderPage } from './customer/order-page.tsx';
import { OrdersPage } from './customer/orders-page.tsx';
import { at } from './paths.ts';
import { problems } from './problems.ts';

const PaymentsPage = lazy(() => import('./staff/payments-page.tsx').then((module) => module.PaymentsPage));
const MakesPage = lazy(() => import('./staff/makes-page.tsx').then((module) => module.MakesPage));

const pages: SystemPages = {
  areas: [
    {
      href: at(),
      name: 'Customers',
      places: [
        { href: at(), name: 'Menu' },
        { href: at('orders'), name: 'My orders' },
      ],
    },
    {
      href: at('staff'),
      name: 'Staff',
      places: [
        { href: at('staff'), name: 'Payments' },
        { href: at('staff/makes'), name: 'Coffees' },
      ],
    },
  ],
  routes: { '': MenuPage, orders: OrdersPage, 'orders/:id': OrderPage, staff: PaymentsPage, 'staff/makes': MakesPage },
  problems,
};

export default pages;
