import { defineConfig } from 'vitest/config';
import { root } from '../../dev/paths.mjs';

export default defineConfig({
  root,
  test: {
    name: 'compose',
    include: ['test/compose/**/*.test.ts'],
    environment: 'node',
    // One system, brought up by the first test and taken down by the last.
    fileParallelism: false,
    bail: 1,
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
