import { Page } from '../shell/page.tsx';

/** What managers do. */
export function ManagePage() {
  return <Page title="Manage" />;
}
