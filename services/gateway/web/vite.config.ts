import { defineConfig } from 'vite';
import { systems } from '../../../dev/systems/systems.ts';

const titles = Object.fromEntries(systems.map(({ name, title, summary }) => [name, { title, summary }]));

export default defineConfig({
  base: '/app/',
  // Titles and summaries from the descriptors (services/<system>/system.ts), for src/shell/systems.ts.
  define: { SYSTEM_TITLES: JSON.stringify(titles) },
  // `node_modules/.bin/vite services/gateway/web` serves the sources with hot reload. Calls go to a running instance.
  server: { proxy: { '^/([a-z]+\\.|docs|openapi|app/systems\\.json)': 'http://127.0.0.1:8088' } },
  build: {
    // The Content-Security-Policy forbids data: URLs.
    assetsInlineLimit: 0,
    // All supported browsers preload modules.
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // Licences of the bundled packages.
    license: { fileName: 'licenses.md' },
  },
});
