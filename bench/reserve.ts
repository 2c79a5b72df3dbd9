// Measures reservations through the edge: `npm run bench:reserve [-- --base FOLDER] [--runs N] [--instance N] [--quick]`,
// or with `--minutes N [--share 0.7]` how the cost develops under a steady load.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { NotRunning } from '../dev/laptop/control.ts';
import { topologyFromEnvironment } from '../dev/laptop/topology.ts';
import { root } from '../dev/paths.mjs';
import { Checkout } from './checkout.ts';
import { endurance } from './endurance.ts';
import { formatFailures } from './load.ts';
import { MeasuredSystem } from './measured-system.ts';
import { type Measured, report } from './reserve-report.ts';
import { type Block, cpuOf, type Plan, ReserveRuns, type Run } from './reserve-runs.ts';

const FULL: Plan = {
  warmUpSeconds: 30,
  levels: [1, 16, 50, 256],
  seconds: 20,
  connections: 50,
  openLoopShare: 0.7,
  lagRate: 100,
  lagSeconds: 12,
};
const QUICK: Plan = { ...FULL, warmUpSeconds: 5, levels: [1, 50], seconds: 4, lagSeconds: 3 };

const { values: options } = parseArgs({
  options: {
    base: { type: 'string' },
    runs: { type: 'string', default: '3' },
    instance: { type: 'string', default: '90' },
    minutes: { type: 'string' },
    share: { type: 'string', default: '0.7' },
    quick: { type: 'boolean', default: false },
  },
});

/** A checkout that is measured, with its figures so far. */
interface Candidate extends Measured {
  readonly checkout: Checkout;
  readonly blocks: Block[];
  readonly stock: boolean[];
}

function candidate(name: string, checkout: Checkout): Candidate {
  const { stdout } = spawnSync('git', ['describe', '--always', '--dirty'], { cwd: checkout.folder, encoding: 'utf8' });
  return { name, commit: stdout.trim() || 'unknown', checkout, blocks: [], stock: [] };
}

async function main(): Promise<void> {
  const plan = options.quick ? QUICK : FULL;
  if (options.minutes !== undefined) {
    const page = await endurance(topologyFromEnvironment(), plan, Number(options.minutes), Number(options.share));
    return write('./endurance.md', page);
  }
  const runs = options.quick ? 1 : Number(options.runs);
  const running = new Checkout(root, topologyFromEnvironment().instance);
  const systems = options.base === undefined ? [candidate('this', running)] : pair(options.base, Number(options.instance));
  // A B, B A, A B: what drifts meets both alike.
  const order = Array.from({ length: runs }, (_, index) => (index % 2 === 0 ? systems : systems.toReversed())).flat();
  for (const each of order) await measure(each, plan, options.base !== undefined);
  const command = ['npm run bench:reserve', ...(options.base === undefined ? [] : ['-- --base FOLDER'])].join(' ');
  write('./reserve.md', report({ command, plan, systems, order: order.map(({ name }) => name) }));
}

function pair(base: string, instance: number): Candidate[] {
  return [candidate('base', new Checkout(resolve(base), instance)), candidate('this', new Checkout(root, instance))];
}

/** Runs one block, on a system that is started for it or on the running one. */
async function measure({ name, checkout, blocks, stock }: Candidate, plan: Plan, own: boolean): Promise<void> {
  console.log(`\n${name} (${checkout.folder}), block ${blocks.length + 1}: ${plan.warmUpSeconds} s of warm-up`);
  if (own) await checkout.start();
  try {
    const runs = new ReserveRuns(await MeasuredSystem.attach(own ? checkout.topology : topologyFromEnvironment()), plan);
    try {
      blocks.push(await runs.block(blocks.length % 2 === 1, (run) => console.log(progress(run))));
    } finally {
      await runs.close();
    }
    const { code, output } = await checkout.check();
    if (code !== 0) console.error(output);
    stock.push(code === 0);
  } finally {
    if (own) await checkout.stop();
  }
}

function progress(run: Run): string {
  const { workload, connections, rate, p50, p99, calibration, others, failures } = run;
  const load = connections === 0 ? workload : `${workload}, ${connections} connections`;
  const times = `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
  return `  ${load}: ${rate.toFixed(0)}/s, ${times}, CPU ${cpuOf(run).toFixed(2)} ms; calibration ${calibration.toFixed(0)} ms, others ${(others * 100).toFixed(0)} %, failed ${formatFailures(failures)}`;
}

/** Prints a page, and keeps it unless the run was a quick one. */
function write(file: string, page: string): void {
  console.log(`\n${page}`);
  if (!options.quick) writeFileSync(new URL(file, import.meta.url), page);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof NotRunning ? error.message : error);
  process.exitCode = 1;
}
