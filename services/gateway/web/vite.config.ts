import { defineConfig } from 'vite';

export default defineConfig({
  base: '/app/',
  // `node_modules/.bin/vite services/gateway/web` shows every change at once, on the system that `npm start` runs.
  server: { proxy: { '^/[a-z]+\\.': 'http://127.0.0.1:8088', '^/(docs|openapi)': 'http://127.0.0.1:8088' } },
  build: {
    // A file of its own for each asset: the Content-Security-Policy allows no data: URLs.
    assetsInlineLimit: 0,
    // Every browser that runs this app preloads modules itself.
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // The licences of what is bundled travel with it.
    license: { fileName: 'licenses.md' },
  },
});
