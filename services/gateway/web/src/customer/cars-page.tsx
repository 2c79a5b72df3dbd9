import { Page } from '../shell/page.tsx';

/** Cars to reserve. */
export function CarsPage() {
  return <Page title="Find a car" />;
}
