import { quantile } from '../dev/terminal/quantile.ts';
import { table } from './figures.ts';
import { DEEP_PAGES, type ListLatency } from './lists.ts';
import { formatFailures } from './load.ts';
import { calibrate, machineTitle } from './machine.ts';
import { cpuOf, type Plan, type Run } from './reserve-runs.ts';

/** Figures with a number of stored reservations. */
export interface Size {
  readonly stored: number;
  readonly loadSeconds: number;
  readonly reserve: Run;
  readonly lag: Run;
  readonly lists: readonly ListLatency[];
  readonly memory: number;
  readonly stock: boolean | undefined;
}

/** Everything that the report is made of. */
interface Growth {
  readonly plan: Plan;
  /** Calls of each list. */
  readonly listCalls: number;
  /** Above this size the stock was not checked. */
  readonly checkedSize: number;
  readonly found: readonly Size[];
}

const number = (value: number) => value.toLocaleString('en-US');

const milliseconds = (value: number) => (Number.isNaN(value) ? '–' : value.toFixed(1));

function reservationRow({ stored, loadSeconds, reserve: run, lag, memory, stock }: Size): string[] {
  const shown = [lag.lag?.row ?? [], lag.lag?.allocated ?? []];
  return [
    number(stored),
    run.rate.toFixed(0),
    run.p50.toFixed(1),
    run.p99.toFixed(1),
    cpuOf(run).toFixed(2),
    run.calibration.toFixed(0),
    formatFailures(run.failures),
    ...shown.flatMap((values) => [quantile(values, 0.5).toFixed(0), quantile(values, 0.99).toFixed(0)]),
    String(lag.lag?.missing ?? ''),
    (memory / 2 ** 20).toFixed(0),
    loadSeconds.toFixed(0),
    stock === undefined ? 'not checked' : stock ? 'yes' : '**no**',
  ];
}

function listRows(found: readonly Size[]): string[][] {
  const titles = [...new Set(found.flatMap(({ lists }) => lists.map(({ title }) => title)))];
  return titles.map((title) => [
    title,
    ...found.flatMap(({ lists }) => {
      const list = lists.find((each) => each.title === title);
      if (list === undefined) return ['–', '–'];
      const failed = list.failures.size === 0 ? '' : ` (failed ${formatFailures(list.failures)})`;
      return [milliseconds(list.p50), `${milliseconds(list.p99)}${failed}`];
    }),
  ]);
}

/** Writes the figures of all sizes as a Markdown page. */
export function report({ plan: { seconds, connections, lagRate }, listCalls, checkedSize, found }: Growth): string {
  const reservationHead = ['stored', 'reservations/s', 'p50 ms', 'p99 ms', 'CPU ms', 'calibration ms', 'failed'];
  const lagHead = ['row p50', 'row p99', 'allocation p50', 'allocation p99', 'never shown'];
  const listHead = ['list', ...found.flatMap(({ stored }) => [`p50 ms, ${number(stored)}`, `p99 ms, ${number(stored)}`])];
  return `# What stored reservations cost

\`npm run bench:growth\` on ${machineTitle()}; the load generator, all services, sidecars and engines share them, and the calibration
loop takes ${calibrate().toFixed(0)} ms at the end. The tool starts an instance of its own without data, and loads copies of rows and documents that
the services have stored: of ten reservations seven are live, two completed and one cancelled; ${number(1000)} reservations for each car, 100 for each user.

## Reservations

${seconds} s of \`POST /rentcar/reservations\` at ${connections} connections on one car, then event lag in milliseconds at ${lagRate}/s, as in reserve.md. CPU is that of all
processes of the system with the engines for one reservation; memory is their PSS in MiB.

${table([...reservationHead, ...lagHead, 'memory', 'load s', 'stock adds up'], found.map(reservationRow))}

## Lists

Pages of 100 items through the edge, ${listCalls} calls of each list, one at a time and in turns. A deep page comes after ${DEEP_PAGES} pages;
shorter lists have none, and NOT_REACHED means that pages before it failed three times in a row.

${table(listHead, listRows(found))}

## Left out

A real MongoDB (the emulator stands in for it unless there is a \`mongod\`), tables that do not fit into memory, and the stock
check above ${number(checkedSize)} reservations, which reads all rows.
`;
}
