import { Page } from '../shell/page.tsx';

/** The mesh, live. */
export function MeshPage() {
  return <Page title="Mesh" />;
}
