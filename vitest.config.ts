import { defineConfig } from 'vitest/config';
import { systems } from './dev/systems/systems.ts';
import { Sequencer } from './test/support/sequencer.ts';

/** Workers for the tests without a shared system: most of the front's time is waiting. */
const WORKERS = 3;

/** Unit tests that set what a process has once, such as its tracer: each in a process of its own. The others share three processes. */
const OWN_PROCESS = ['services/gateway/spans.test.ts', 'services/kit/rpc/call-spans.test.ts'];

/** Patterns of the tests of systems: of those that run by default, and of the others. */
const testsOf = (byDefault: boolean, files: string) =>
  systems.filter(({ startsByDefault = false }) => startsByDefault === byDefault).map(({ name }) => `test/${name}/${files}`);

/** System tests of the second lane of `npm test`: pages, contracts, policies, commands and templates. They measure no response times under load. */
const SECOND_LANE = [
  ...['test/web/**/*.test.ts', ...testsOf(true, 'web/**/*.test.ts'), 'test/edge/*.test.ts', 'test/mesh/*.test.ts'],
  ...['test/tracing.test.ts', 'test/readme.test.ts', 'test/commands.test.ts', 'test/new.test.ts'],
];

/** Of the third: everything about the systems that do not run by default, one after the other. */
const THIRD_LANE = testsOf(false, '**/*.test.ts');

const LANES: Readonly<Record<string, readonly string[]>> = { second: SECOND_LANE, third: THIRD_LANE };

/** Demonstrations and rounds of load of the systems that do not run by default: minutes each, left out of the lanes. */
const LONG = ['test/*/demos.test.ts', 'test/!(soak)/soak.test.ts'];

/** The part of the system tests that this run has: `first`, `second`, `third`, or all. See test/run.ts. */
const lane = process.env.RENTMESH_TEST_LANE;
const others = Object.entries(LANES).flatMap(([name, files]) => (name === lane ? [] : files));

export default defineConfig({
  test: {
    reporters: ['default', './test/support/retry-reporter.ts'],
    sequence: { sequencer: Sequencer },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{services,envoy,dev,docs,bench}/**/*.test.ts'],
          exclude: OWN_PROCESS,
          environment: 'node',
          isolate: false,
          maxWorkers: WORKERS,
          // For what hangs: waits inside a test have limits of their own.
          testTimeout: 30_000,
        },
      },
      { test: { name: 'unit-isolated', include: OWN_PROCESS, environment: 'node', maxWorkers: WORKERS, testTimeout: 30_000 } },
      {
        test: {
          name: 'front',
          include: ['test/edge/front/**/*.test.ts'],
          environment: 'node',
          isolate: false,
          maxWorkers: WORKERS,
          testTimeout: 120_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'system',
          include: [...(LANES[lane ?? ''] ?? ['test/**/*.test.ts'])],
          // Those run on a cluster and by Docker, by commands of their own.
          exclude: [
            'test/cluster/**',
            'test/*/cluster.test.ts',
            'test/compose/**',
            'test/edge/front/**',
            ...(lane === undefined ? [] : [...others, ...LONG]),
          ],
          environment: 'node',
          globalSetup: ['test/support/global-setup.ts'],
          // The files share one running system and stop parts of it: one after the other, in one process.
          fileParallelism: false,
          isolate: false,
          // After the other projects, so that the engines have the machine to themselves.
          sequence: { groupOrder: 1 },
          // A shared machine can pause for seconds in the middle of a test. What needed its second try is reported.
          retry: process.env.CI ? 1 : 0,
          // Every wait inside a test has a limit of its own that says what it waited for; these are for what hangs without one.
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
