// Shows /openapi.json. The viewer is served by the gateway and sends nothing to third parties.
import { createApiReference } from '/docs/viewer/standalone.esm.js';

createApiReference('#reference', {
  content: await (await fetch('/openapi.json')).json(),
  // The document has /, to which the viewer would add another slash.
  servers: [{ url: location.origin, description: 'The edge that this page comes from.' }],
  withDefaultFonts: false,
  telemetry: false,
  agent: { disabled: true },
  mcp: { disabled: true },
  showDeveloperTools: 'never',
  // The button opens a third-party service.
  hideClientButton: true,
  defaultOpenFirstTag: true,
  metaData: { title: 'Rentmesh API' },
});
