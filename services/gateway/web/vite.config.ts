import { defineConfig } from 'vite';

export default defineConfig({
  base: '/app/',
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
