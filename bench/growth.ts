// Measures what stored reservations cost: `npm run bench:growth [-- --sizes 10000,100000,1000000] [--instance N] [--quick]`.
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { root } from '../dev/paths.mjs';
import { Checkout } from './checkout.ts';
import { report, type Size } from './growth-report.ts';
import { HttpClient } from './http-client.ts';
import { measureLists } from './lists.ts';
import { MeasuredSystem, sum } from './measured-system.ts';
import { newUser, registerCar, reservationOf, reserve } from './rentcar-calls.ts';
import { cpuOf, type Plan, ReserveRuns } from './reserve-runs.ts';
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
/** Above this size `npm run check`, which reads all rows into memory, is not run. */
const CHECKED_SIZE = 100_000;
/** Limit of the wait until the templates' holds are confirmed: leases are 30 s. */
const CONFIRMED_LIMIT_MS = 180_000;

async function main(): Promise<void> {
  const wrong = sizes.filter((size, index) => size % BLOCK !== 0 || size <= (sizes[index - 1] ?? 0));
  if (wrong.length > 0) throw new RangeError(`sizes have to be growing multiples of ${BLOCK}, not ${sizes.join(', ')}`);
  const checkout = new Checkout(root, Number(options.instance));
  await checkout.start();
  try {
    write(report({ plan, listCalls: LIST_CALLS, checkedSize: CHECKED_SIZE, found: await grow(checkout) }));
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
  await client.json(`/rentcar/reservations/${cancelled}:cancel`, { body: {} });
  await client.json(`/rentcar/rentals/${await rentalOf(client, completed)}:complete`, { body: {} });
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
    const { rentals } = await client.json<{ rentals: { rentalId: string }[] }>(`/rentcar/rentals?reservationId=${reservationId}`);
    if (rentals[0] !== undefined) return rentals[0].rentalId;
  }
  throw new Error(`reservation ${reservationId} has no rental`);
}

async function viewStatus(client: HttpClient, reservationId: string): Promise<string | undefined> {
  const { status, body } = await client.send(`/rentcar/mypages/${reservationId}`);
  if (status !== 200) return undefined;
  // The body of a 200 of GET /rentcar/mypages/{reservationId}.
  return (JSON.parse(body) as { status: string }).status;
}

async function checkStock(checkout: Checkout): Promise<boolean> {
  const { code, output } = await checkout.check();
  if (code !== 0) console.error(output);
  return code === 0;
}

/** Prints the page, and keeps it unless the run was a quick one. */
function write(page: string): void {
  console.log(`\n${page}`);
  if (!options.quick) writeFileSync(new URL('./growth.md', import.meta.url), page);
}

try {
  await main();
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
