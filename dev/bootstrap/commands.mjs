// Every command of the project: what it needs on the machine, and the program that is run with Node 26.

import { laptopHeapFlags } from '../paths.mjs';

/**
 * @typedef {object} Command
 * @property {import('./steps.mjs').Need} needs
 * @property {readonly string[]} run program and arguments, relative to the repository; empty for what only installs
 * @property {boolean} [java] whether it starts Java processes
 */

/** @type {Record<string, Command>} */
export const commands = {
  start: { needs: 'engines', run: [...laptopHeapFlags, 'dev/commands/start.ts'], java: true },
  up: { needs: 'engines', run: [...laptopHeapFlags, 'dev/commands/up.ts'], java: true },
  down: { needs: 'node', run: ['dev/commands/down.ts'] },
  status: { needs: 'node', run: ['dev/commands/status.ts'] },
  logs: { needs: 'node', run: ['dev/commands/logs.ts'] },
  service: { needs: 'node', run: ['dev/commands/service.ts'] },
  dlq: { needs: 'contracts', run: ['dev/commands/dlq.ts'] },
  check: { needs: 'contracts', run: ['dev/commands/check.ts'] },
  new: { needs: 'packages', run: ['dev/commands/new.ts'] },
  mesh: { needs: 'contracts', run: ['dev/mesh/main.ts'] },
  generate: { needs: 'pages', run: ['dev/generate/main.ts'] },
  install: { needs: 'engines', run: [] },
  // Types are taken out of the sources by a function of Node that is marked as experimental, to find what they import.
  image: { needs: 'pages', run: ['--disable-warning=ExperimentalWarning', 'dev/commands/image.ts'] },
  lint: { needs: 'contracts', run: ['dev/commands/lint.ts'] },
  'supply-chain': { needs: 'packages', run: ['dev/commands/supply-chain.ts'] },
  typecheck: { needs: 'contracts', run: ['dev/commands/typecheck.ts'] },
  test: { needs: 'engines', run: ['test/run.ts'], java: true },
  'test:unit': { needs: 'contracts', run: ['node_modules/vitest/vitest.mjs', 'run', '--project', 'unit*'] },
  'test:compose': { needs: 'engines', run: ['test/compose/run.ts'], java: true },
  'test:cluster': { needs: 'engines', run: ['test/cluster/run.ts'], java: true },
  soak: { needs: 'engines', run: ['test/soak/main.ts'], java: true },
  conformance: { needs: 'engines', run: ['test/conformance/run.ts'] },
  'bench:reserve': { needs: 'engines', run: ['bench/reserve.ts'], java: true },
  'bench:growth': { needs: 'engines', run: ['bench/growth.ts'], java: true },
  'bench:circuit': { needs: 'contracts', run: ['bench/circuit.ts'] },
  'bench:recovery': { needs: 'contracts', run: ['bench/recovery.ts'] },
  'bench:watches': { needs: 'contracts', run: ['bench/watches.ts'] },
  'bench:edge': { needs: 'contracts', run: ['bench/edge.ts'] },
  'bench:memory': { needs: 'contracts', run: ['bench/memory.ts'] },
  'bench:mesh': { needs: 'contracts', run: ['bench/mesh.ts'] },
  demo: { needs: 'contracts', run: ['dev/demos/main.ts'] },
};
