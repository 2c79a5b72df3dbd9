// Shows /openapi.json. The viewer comes with the system: nothing is loaded from elsewhere, and nothing is told to anybody.
import { createApiReference } from '/docs/viewer/standalone.esm.js';

createApiReference('#reference', {
  url: '/openapi.json',
  // The document says /; the viewer would put another slash behind it.
  servers: [{ url: location.origin, description: 'The edge that this page comes from.' }],
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
