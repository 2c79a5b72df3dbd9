import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['services/**/*.test.ts', 'envoy/**/*.test.ts', 'dev/**/*.test.ts'], environment: 'node' } },
    ],
  },
});
