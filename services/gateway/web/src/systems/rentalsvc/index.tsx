import { lazy } from 'preact-iso';
import type { SystemPages } from '../../shell/systems.ts';
import { OrderPage } from './customer/order-page.tsx';
import { OrdersPage } from './customer/orders-page.tsx';
import { ProductsPage } from './customer/products-page.tsx';
import { at } from './paths.ts';
import { problems } from './problems.ts';

const StockPage = lazy(() => import('./staff/stock-page.tsx').then((module) => module.StockPage));
const ManageOrdersPage = lazy(() => import('./staff/orders-page.tsx').then((module) => module.ManageOrdersPage));
const BillsPage = lazy(() => import('./staff/bills-page.tsx').then((module) => module.BillsPage));
const DeliveriesPage = lazy(() => import('./staff/deliveries-page.tsx').then((module) => module.DeliveriesPage));

const pages: SystemPages = {
  areas: [
    {
      href: at(),
      name: 'Customers',
      places: [
        { href: at(), name: 'Rent a product' },
        { href: at('orders'), name: 'My rentals' },
      ],
    },
    {
      href: at('staff'),
      name: 'Staff',
      places: [
        { href: at('staff'), name: 'Stock' },
        { href: at('staff/orders'), name: 'Orders' },
        { href: at('staff/bills'), name: 'Bills' },
        { href: at('staff/deliveries'), name: 'Deliveries' },
      ],
    },
  ],
  routes: {
    '': ProductsPage,
    orders: OrdersPage,
    'orders/:id': OrderPage,
    staff: StockPage,
    'staff/orders': ManageOrdersPage,
    'staff/bills': BillsPage,
    'staff/deliveries': DeliveriesPage,
  },
  problems,
};

export default pages;
