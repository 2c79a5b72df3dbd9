// Shows /openapi.json. The viewer comes with the system: nothing is loaded from elsewhere, and nothing is told to anybody.
import { createApiReference } from '/docs/viewer/standalone.esm.js';

createApiReference('#reference', {
  url: '/openapi.json',
  withDefaultFonts: false,
  telemetry: false,
  agent: { disabled: true },
  mcp: { disabled: true },
  showDeveloperTools: 'never',
  // It leads to a service of the viewer's maker; requests are sent from this page.
  hideClientButton: true,
  defaultOpenFirstTag: true,
  metaData: { title: 'Rentmesh API' },
});
