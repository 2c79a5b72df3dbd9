import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{services,envoy,dev,docs}/**/*.test.ts'],
          environment: 'node',
          // For what hangs: waits inside a test have limits of their own.
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'front',
          include: ['test/edge/front/**/*.test.ts'],
          environment: 'node',
          // Each file has Envoys of its own: after the tests that share one system, one file after the other.
          fileParallelism: false,
          sequence: { groupOrder: 2 },
          retry: process.env.CI ? 1 : 0,
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'system',
          include: ['test/**/*.test.ts'],
          // Those run on a cluster and by Docker, by commands of their own.
          exclude: ['test/cluster/**', 'test/compose/**', 'test/edge/front/**'],
          environment: 'node',
          globalSetup: ['test/support/global-setup.ts'],
          // The files share one running system and stop parts of it: one after the other, in one process.
          fileParallelism: false,
          isolate: false,
          // After the unit tests, so that the engines have the machine to themselves.
          sequence: { groupOrder: 1 },
          // A shared machine can stand still for seconds in the middle of a test of milliseconds: in CI what fails is looked at twice.
          retry: process.env.CI ? 1 : 0,
          // Every wait inside a test has a limit of its own that says what it waited for; these are for what hangs without one.
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
