import { LocationProvider, lazy, Route, Router } from 'preact-iso';
import { CarsPage } from './customer/cars-page.tsx';
import { NotFoundPage } from './shell/not-found-page.tsx';
import { Shell } from './shell/shell.tsx';

// Customers come first: the other two arrive when somebody goes there.
const ManagePage = lazy(() => import('./manager/manage-page.tsx').then((module) => module.ManagePage));
const MeshPage = lazy(() => import('./mesh/mesh-page.tsx').then((module) => module.MeshPage));

/** The whole app: the shell, and in it the page of the address. */
export function App() {
  return (
    <LocationProvider scope="/app">
      <Shell>
        <Router>
          <Route path="/app" component={CarsPage} />
          <Route path="/app/manage" component={ManagePage} />
          <Route path="/app/mesh" component={MeshPage} />
          <Route default component={NotFoundPage} />
        </Router>
      </Shell>
    </LocationProvider>
  );
}
