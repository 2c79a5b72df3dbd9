// Measures what stored reservations cost: `npm run bench:growth [-- --sizes 10000,100000,1000000] [--instance N] [--quick]`.
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { root } from '../dev/paths.mjs';
import { quantile } from '../dev/quantile.ts';
import { Checkout } from './checkout.ts';
import { table } from './figures.ts';
import { HttpClient } from './http-client.ts';
import { DEEP_PAGES, type ListLatency, measureLists } from './lists.ts';
import { formatFailures } from './load.ts';
import { calibrate, machineTitle } from './machine.ts';
import { MeasuredSystem, sum } from './measured-system.ts';
import { newUser, registerCar, reservationOf, reserve } from './rentcar-calls.ts';
import { cpuOf, type Plan, ReserveRuns, type Run } from './reserve-runs.ts';
import { BLOCK, holdState, storeRows, type Templates } from './stored-rows.ts';

const { values: options } = parseArgs({
  options: {
    sizes: { type: 'string' },
    instance: { type: 'string', default: '91' },
    quick: { type: 'boolean', default: false },
  },
});

const sizes = (options.sizes ?? (options.quick ? '10000,20000' : '10000,100000,1000000')).split(',').map(Number);
const seconds = options.quick ? 4 : 20;
const plan: Plan = {
  warmUpSeconds: options.quick ? 5 : 30,
  levels: [],
  seconds,
  connections: 16,
  openLoopShare: 0.7,
  lagRate: 100,
  lagSeconds: options.quick ? 3 : 12,
};
/** Calls of each list. */
const LIST_CALLS = options.quick ? 20 : 200;
/** Above this size `npm run check:stock`, which reads all rows into memory, is not run. */
const CHECKED_SIZE = 100_000;
/** Limit of the wait until the templates' holds are confirmed: leases are 30 s. */
const CONFIRMED_LIMIT_MS = 180_000;

/** Figures with a number of stored reservations. */
interface Size {
  readonly stored: number;
  readonly loadSeconds: number;
  readonly reserve: Run;
  readonly lag: Run;
  readonly lists: readonly ListLatency[];
  readonly memory: number;
  readonly stock: boolean | undefined;
}

async function main(): Promise<void> {
  const wrong = sizes.filter((size, index) => size % BLOCK !== 0 || size <= (sizes[index - 1] ?? 0));
  if (wrong.length > 0) throw new RangeError(`sizes have to be growing multiples of ${BLOCK}, not ${sizes.join(', ')}`);
  const checkout = new Checkout(root, Number(options.instance));
  await checkout.start();
  try {
    write(await grow(checkout));
  } finally {
    await checkout.stop();
  }
}

async function grow(checkout: Checkout): Promise<Size[]> {
  const system = await MeasuredSystem.attach(checkout.topology);
  const client = new HttpClient(system.edge, plan.connections);
  const runs = new ReserveRuns(system, plan);
  const found: Size[] = [];
  try {
    const carId = await registerCar(client);
    const templates = await makeTemplates(client, system, carId);
    await runs.warmUp(carId);
    for (const [index, stored] of sizes.entries()) {
      const start = performance.now();
      for (let from = sizes[index - 1] ?? 0; from < stored; from += BLOCK) await storeRows(system, templates, from, from + BLOCK);
      const loadSeconds = (performance.now() - start) / 1000;
      await system.untilIdle();
      const lists = await measureLists(client, LIST_CALLS);
      const [plain, lag] = [await runs.closedLoop(carId, plan.connections), await runs.eventLag(carId)];
      const memory = sum(system.memory().values());
      const stock = stored > CHECKED_SIZE ? undefined : await checkStock(checkout);
      found.push({ stored, loadSeconds, reserve: plain, lag, lists, memory, stock });
      console.log(`${stored} stored: loaded in ${loadSeconds.toFixed(0)} s, ${cpuOf(plain).toFixed(2)} ms CPU for a reservation`);
    }
    return found;
  } finally {
    client.close();
    await runs.close();
  }
}

/** Makes a live, a cancelled and a completed reservation, and waits until all services have stored what becomes of them. */
async function makeTemplates(client: HttpClient, system: MeasuredSystem, carId: string): Promise<Templates> {
  const make = async () => reservationOf(await reserve(client, carId, newUser())).reservationId;
  const [reserved, cancelled, completed] = [await make(), await make(), await make()];
  for (const id of [reserved, cancelled, completed]) await rentalOf(client, id);
  await client.json(`/reservations/${cancelled}:cancel`, { body: {} });
  await client.json(`/rentals/${await rentalOf(client, completed)}:complete`, { body: {} });
  const wanted = new Map([
    [reserved, 'CONFIRMED'],
    [cancelled, 'RELEASED'],
    [completed, 'RELEASED'],
  ]);
  for (const [id, state] of wanted) {
    for (const limit = Date.now() + CONFIRMED_LIMIT_MS; (await holdState(system, id)) !== state; await sleep(500)) {
      if (Date.now() > limit) throw new Error(`the hold of reservation ${id} is ${await holdState(system, id)}, not ${state}`);
    }
  }
  for (const [id, status] of [[reserved, 'ALLOCATED'] as const, [cancelled, 'CANCELLED'] as const, [completed, 'COMPLETED'] as const]) {
    for (const limit = Date.now() + CONFIRMED_LIMIT_MS; (await viewStatus(client, id)) !== status; await sleep(100)) {
      if (Date.now() > limit) throw new Error(`mypage does not show reservation ${id} as ${status}`);
    }
  }
  return { carId, reserved, cancelled, completed };
}

/** Waits for the rental of a reservation, and returns its id. */
async function rentalOf(client: HttpClient, reservationId: string): Promise<string> {
  for (const limit = Date.now() + CONFIRMED_LIMIT_MS; Date.now() < limit; await sleep(50)) {
    const { rentals } = await client.json<{ rentals: { rentalId: string }[] }>(`/rentals?reservationId=${reservationId}`);
    if (rentals[0] !== undefined) return rentals[0].rentalId;
  }
  throw new Error(`reservation ${reservationId} has no rental`);
}

async function viewStatus(client: HttpClient, reservationId: string): Promise<string | undefined> {
  const { status, body } = await client.send(`/mypages/${reservationId}`);
  if (status !== 200) return undefined;
  // The body of a 200 of GET /mypages/{reservationId}.
  return (JSON.parse(body) as { status: string }).status;
}

async function checkStock(checkout: Checkout): Promise<boolean> {
  const { code, output } = await checkout.run('check:stock');
  if (code !== 0) console.error(output);
  return code === 0;
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

function write(found: readonly Size[]): void {
  const reservationHead = ['stored', 'reservations/s', 'p50 ms', 'p99 ms', 'CPU ms', 'calibration ms', 'failed'];
  const lagHead = ['row p50', 'row p99', 'allocation p50', 'allocation p99', 'never shown'];
  const listHead = ['list', ...found.flatMap(({ stored }) => [`p50 ms, ${number(stored)}`, `p99 ms, ${number(stored)}`])];
  const page = `# What stored reservations cost

\`npm run bench:growth\` on ${machineTitle()}; the load generator, all services, sidecars and engines share them, and the calibration
loop takes ${calibrate().toFixed(0)} ms at the end. The tool starts an instance of its own without data, and loads copies of rows and documents that
the services have stored: of ten reservations seven are live, two completed and one cancelled; ${number(1000)} reservations for each car, 100 for each user.

## Reservations

${seconds} s of \`POST /reservations\` at ${plan.connections} connections on one car, then event lag in milliseconds at ${plan.lagRate}/s, as in reserve.md. CPU is that of all
processes of the system with the engines for one reservation; memory is their PSS in MiB.

${table([...reservationHead, ...lagHead, 'memory', 'load s', 'stock adds up'], found.map(reservationRow))}

## Lists

Pages of 100 items through the edge, ${LIST_CALLS} calls of each list, one at a time and in turns. A deep page comes after ${DEEP_PAGES} pages;
shorter lists have none, and NOT_REACHED means that pages before it failed three times in a row.

${table(listHead, listRows(found))}

## Left out

A real MongoDB (the emulator stands in for it unless there is a \`mongod\`), tables that do not fit into memory, and the stock
check above ${number(CHECKED_SIZE)} reservations, which reads all rows.
`;
  console.log(`\n${page}`);
  if (!options.quick) writeFileSync(new URL('./growth.md', import.meta.url), page);
}

try {
  await main();
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
