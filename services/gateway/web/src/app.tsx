import { LocationProvider, lazy, Route, Router } from 'preact-iso';
import { CarsPage } from './customer/cars-page.tsx';
import { ReservationPage } from './customer/reservation-page.tsx';
import { ReservationsPage } from './customer/reservations-page.tsx';
import { NotFoundPage } from './shell/not-found-page.tsx';
import { PageBoundary } from './shell/page-boundary.tsx';
import { Shell } from './shell/shell.tsx';

// Customers come first: what the others need arrives when somebody goes there.
const ManageCarsPage = lazy(() => import('./manager/cars-page.tsx').then((module) => module.ManageCarsPage));
const ManageReservationsPage = lazy(() => import('./manager/reservations-page.tsx').then((module) => module.ManageReservationsPage));
const AllocationsPage = lazy(() => import('./manager/allocations-page.tsx').then((module) => module.AllocationsPage));
const MeshPage = lazy(() => import('./mesh/mesh-page.tsx').then((module) => module.MeshPage));

/** The whole app: the shell, and in it the page of the address. */
export function App() {
  return (
    <LocationProvider scope="/app">
      <Shell>
        <PageBoundary>
          <Router>
            <Route path="/app" component={CarsPage} />
            <Route path="/app/reservations" component={ReservationsPage} />
            <Route path="/app/reservations/:id" component={ReservationPage} />
            <Route path="/app/manage" component={ManageCarsPage} />
            <Route path="/app/manage/reservations" component={ManageReservationsPage} />
            <Route path="/app/manage/allocations" component={AllocationsPage} />
            <Route path="/app/mesh" component={MeshPage} />
            <Route default component={NotFoundPage} />
          </Router>
        </PageBoundary>
      </Shell>
    </LocationProvider>
  );
}
