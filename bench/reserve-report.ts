import { quantile } from '../dev/terminal/quantile.ts';
import { formatRatio, formatSpread, table } from './figures.ts';
import { READ_PAUSE_MS } from './lag.ts';
import { formatFailures } from './load.ts';
import { machineTitle } from './machine.ts';
import { tableByProcess } from './process-table.ts';
import { type Block, cpuOf, type Plan, type Run, type Workload } from './reserve-runs.ts';

/** A measured system: `this`, or `base` beside it. */
export interface Measured {
  readonly name: string;
  readonly commit: string;
  readonly blocks: readonly Block[];
  /** Whether the stock added up after each block. */
  readonly stock: readonly boolean[];
}

/** Everything that the report is made of. */
export interface Results {
  readonly command: string;
  readonly plan: Plan;
  /** The base first, if there is one. */
  readonly systems: readonly Measured[];
  /** Names of the systems in the order of their blocks. */
  readonly order: readonly string[];
}

type Figure = (run: Run) => number;

/** Writes the results as a Markdown page. */
export function report(results: Results): string {
  const { plan, systems } = results;
  const compared = systems.length > 1;
  return `# Reservations through the edge

${conditions(results)}

## Closed loop

${plan.seconds} s for each run of \`POST /rentcar/reservations\` on one car; each connection sends when it has its answer. The last row of a
group has an idempotency key for each reservation, and cancels every third.

${closedLoops(results)}

## Latency at a fixed rate

An open loop sends at ${plan.openLoopShare * 100} % of the rate that the same block reached at ${plan.connections} connections, and at ${plan.lagRate}/s. Latencies count
from the moment at which a call is due.

${openLoops(results)}

## Event lag

At ${plan.lagRate} reservations/s. From the reservation's \`createTime\` (PostgreSQL's clock when the transaction begins, whole milliseconds) until
a read of mypage's store shows the row, and until it shows the allocation, which passes through rental. Every reservation is
looked for from its answer on, in one read by key for all that are missing, ${READ_PAUSE_MS} ms after the read before: figures are up to ${READ_PAUSE_MS} ms and a read too large.

${lags(results)}

## CPU by process

Milliseconds for one reservation at ${plan.connections} connections${compared ? '' : ', and the share of all'}.

${processes(results)}

## Memory

MiB (PSS) after the last run of a block.

${memory(results)}

## All runs, in their order

${allRuns(results)}

Stock added up after the blocks (\`npm run check\`): ${systems.map(({ name, stock }) => `${name} ${stock.map((ok) => (ok ? 'yes' : '**no**')).join(', ')}`).join('; ')}.

## Left out

Other clients than HTTP/1.1 with JSON, several replicas, cars that are reserved by few, encryption between sidecars, a disk
that is slower than this machine's, and the network. The load generator shares the machine with what it measures.
`;
}

function conditions({ command, plan, systems, order }: Results): string {
  const idle = systems.map(({ name, blocks }) => `${name} ${formatSpread(blocks.map((block) => block.idle * 100))} %`);
  return `\`${command}\` on ${machineTitle()}; the load generator, all services, sidecars and engines share them.

- ${systems.map(({ name, commit }) => `${name}: commit ${commit}`).join('; ')}.
- Blocks in this order: ${order.join(', ')}. Every block begins with ${plan.warmUpSeconds} s of load at ${plan.connections} connections.${
    systems.length > 1 ? ' Each system is started\n  without data for its block and stopped after it, so only one runs at a time.' : ''
  }
- Figures are medians of the blocks, with the smallest and the largest in parentheses.
- CPU is that of all processes of the system with the engines, until the system is idle again; the generator's is apart.
- The calibration is a fixed loop on one core before each run: where it differs, the machine does.
- Failed answers are in no latency and no rate. REJECTED are reservations of the run that are stored as such afterwards.
- The idle system uses ${idle.join(', ')} of one core.`;
}

/** Runs of a workload at a number of connections. */
function runsOf({ blocks }: Measured, workload: Workload, connections: number): Run[] {
  return blocks.flatMap(({ runs }) => runs).filter((run) => run.workload === workload && run.connections === connections);
}

const failuresOf = (runs: readonly Run[]) => {
  const total = new Map<string, number>();
  for (const { failures } of runs) for (const [reason, count] of failures) total.set(reason, (total.get(reason) ?? 0) + count);
  return formatFailures(total);
};

const rejectedOf = (runs: readonly Run[]) => String(runs.reduce((total, { rejected }) => total + rejected, 0));

/** Columns with a figure for each run. */
const COLUMNS: readonly (readonly [title: string, figure: Figure, digits: number])[] = [
  ['reservations/s', ({ rate }) => rate, 0],
  ['p50 ms', ({ p50 }) => p50, 1],
  ['p99 ms', ({ p99 }) => p99, 1],
  ['CPU ms', cpuOf, 2],
];

/** Rows of one workload: one for each system, and one of ratios if there is a base. */
function rows({ systems }: Results, title: string, workload: Workload, connections: number): string[][] {
  const all = systems.map((system) => ({ name: system.name, runs: runsOf(system, workload, connections) }));
  const figures = (runs: readonly Run[]) => [
    ...COLUMNS.map(([, figure, digits]) => formatSpread(runs.map(figure), digits)),
    formatSpread(
      runs.map(({ generator }) => generator),
      2,
    ),
    formatSpread(
      runs.map(({ calibration }) => calibration),
      0,
    ),
    failuresOf(runs),
    rejectedOf(runs),
  ];
  const found = all.map(({ name, runs }) => [title, name, ...figures(runs)]);
  const [base, other] = all;
  if (base === undefined || other === undefined) return found;
  return [...found, ['', '**ratio**', ...COLUMNS.map(([, figure]) => formatRatio(other.runs.map(figure), base.runs.map(figure)))]];
}

const HEAD = ['load', 'system', ...COLUMNS.map(([title]) => title), 'generator ms', 'calibration ms', 'failed', 'REJECTED'];

function closedLoops(results: Results): string {
  const { levels, connections } = results.plan;
  const plain = levels.flatMap((level) => rows(results, String(level), 'reserve', level));
  return table(HEAD, [...plain, ...rows(results, `${connections}, keys, cancellations`, 'keys and cancellations', connections)]);
}

function openLoops(results: Results): string {
  const { openLoopShare, lagRate } = results.plan;
  const share = rows(results, `${openLoopShare * 100} % of capacity`, 'open loop', 0);
  return table(HEAD, [...share, ...rows(results, `${lagRate}/s`, 'event lag', 0)]);
}

function lags(results: Results): string {
  const head = ['system', 'from commit to', 'samples', 'p50 ms', 'p99 ms', 'max ms', 'never shown'];
  const lines = results.systems.flatMap((system) => {
    const found = runsOf(system, 'event lag', 0).flatMap(({ lag }) => (lag === undefined ? [] : [lag]));
    const missing = String(found.reduce((total, lag) => total + lag.missing, 0));
    const line = (title: string, blocks: readonly (readonly number[])[]) => [
      system.name,
      title,
      String(blocks.flat().length),
      ...[0.5, 0.99, 1].map((q) =>
        formatSpread(
          blocks.map((block) => quantile(block, q)),
          0,
        ),
      ),
      missing,
    ];
    return [
      line(
        'row',
        found.map(({ row }) => row),
      ),
      line(
        'allocation',
        found.map(({ allocated }) => allocated),
      ),
    ];
  });
  return table(head, lines);
}

function processes({ systems, plan }: Results): string {
  return tableByProcess(systems, 'ms', (system) => runsOf(system, 'reserve', plan.connections).map(({ cpu }) => cpu), 2);
}

function memory({ systems }: Results): string {
  const mebibytes = (bytes: ReadonlyMap<string, number>) => new Map([...bytes].map(([name, value]) => [name, value / 2 ** 20]));
  return tableByProcess(systems, 'MiB', ({ blocks }) => blocks.map((block) => mebibytes(block.memory)), 0);
}

function allRuns({ systems, order }: Results): string {
  const taken = new Map<string, number>();
  const lines = order.flatMap((name, index) => {
    const count = taken.get(name) ?? 0;
    taken.set(name, count + 1);
    const block = systems.find((system) => system.name === name)?.blocks[count];
    return (block?.runs ?? []).map((run) => [
      String(index + 1),
      name,
      run.workload,
      run.connections === 0 ? '' : String(run.connections),
      ...COLUMNS.map(([, figure, digits]) => figure(run).toFixed(digits)),
      run.generator.toFixed(2),
      run.calibration.toFixed(0),
      `${(run.others * 100).toFixed(0)} %`,
      formatFailures(run.failures),
      String(run.rejected),
    ]);
  });
  const head = ['block', 'system', 'workload', 'connections', ...COLUMNS.map(([title]) => title)];
  return table([...head, 'generator ms', 'calibration ms', 'others', 'failed', 'REJECTED'], lines);
}
