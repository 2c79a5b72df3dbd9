import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import autocannon from 'autocannon';
import { controlClient, NotRunning, type SystemStatus } from '../dev/control.ts';
import { topologyFromEnvironment } from '../dev/topology.ts';
import { quantile, table } from './figures.ts';
import { cpuSecondsOfFamily } from './processes.ts';

/** Seconds that each number of connections is measured for, after the warm-up. */
const MEASURED_SECONDS = 10;
const WARM_UP_SECONDS = 3;
const CONNECTIONS = [1, 16, 50] as const;
/** Reservations a second while the event lag is measured, about half of what two cores do, so that nothing queues; and for how many seconds. */
const LAG_RATE = 100;
const LAG_SECONDS = 10;
/** Every how many-th reservation is looked for in mypage until it appears. */
const LAG_SAMPLE = 10;
const LAG_LIMIT_MS = 30_000;

/** The system of RENTMESH_INSTANCE, whose processes are looked at; undefined where RENTMESH_EDGE names another. */
async function laptop(): Promise<SystemStatus | undefined> {
  if (process.env.RENTMESH_EDGE !== undefined) return undefined;
  try {
    return await controlClient(topologyFromEnvironment().state.socket).status();
  } catch (error) {
    if (!(error instanceof NotRunning)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}

const system = await laptop();
const edge = process.env.RENTMESH_EDGE ?? system?.edge ?? '';

interface Reservation {
  readonly reservationId: string;
  readonly createTime: string;
}

/** Calls the edge; anything but success ends the run, since a figure with failures in it means something else. */
async function call<T>(path: string, body?: object): Promise<T> {
  const response = await fetch(`${edge}${path}`, {
    ...(body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  // The edge speaks the contract; the caller names the message it asked for.
  return (await response.json()) as T;
}

async function registerCar(): Promise<string> {
  const { carId } = await call<{ carId: string }>('/cars', { carName: 'BENCH', qty: 1_000_000 });
  return carId;
}

/** Reserves as fast as `connections` callers can, each waiting for its answer. Times in milliseconds. */
async function throughput(carId: string, connections: number, seconds: number) {
  const times: number[] = [];
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const options: autocannon.Options = {
      url: `${edge}/reservations`,
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ carId, userId: 'bench' }),
      connections,
      duration: seconds,
    };
    const run = autocannon(options, (error, outcome) => (error ? reject(error) : resolve(outcome)));
    run.on('response', (_client, _status, _bytes, time) => times.push(time));
  });
  return {
    made: result['2xx'],
    rate: result['2xx'] / result.duration,
    failed: result.non2xx + result.errors,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
  };
}

/** Milliseconds from a reservation's commit until its row is in mypage, and until the row shows its allocation. */
async function seenAfter({ reservationId, createTime }: Reservation): Promise<{ row: number; allocated: number }> {
  const since = () => Date.now() - Date.parse(createTime);
  for (let row: number | undefined; ; await sleep(2)) {
    const response = await fetch(`${edge}/mypages/${reservationId}`);
    const { status } = (await response.json()) as { status?: string };
    if (response.ok) row ??= since();
    if (row !== undefined && status === 'ALLOCATED') return { row, allocated: since() };
    if (since() > LAG_LIMIT_MS) throw new Error(`the allocation of reservation ${reservationId} is not in mypage after ${LAG_LIMIT_MS} ms`);
  }
}

/** The lag of events at a steady rate: until the row is there, and until the allocation (a second service and topic) is in it. */
async function lag(carId: string) {
  const reservations: Promise<Reservation>[] = [];
  const seen: ReturnType<typeof seenAfter>[] = [];
  const start = performance.now();
  for (let i = 0; i < LAG_RATE * LAG_SECONDS; i++) {
    const due = start + (i * 1000) / LAG_RATE;
    if (due > performance.now()) await sleep(due - performance.now());
    const reservation = call<Reservation>('/reservations', { carId, userId: 'bench' });
    reservations.push(reservation);
    if (i % LAG_SAMPLE === 0) seen.push(reservation.then(seenAfter));
  }
  await Promise.all(reservations);
  const rate = reservations.length / ((performance.now() - start) / 1000);
  const samples = await Promise.all(seen);
  return { rate, rows: samples.map(({ row }) => row), allocated: samples.map(({ allocated }) => allocated) };
}

/** Seconds of CPU that each process of the system has used so far, by its name. */
function cpuByProcess(): Map<string, number> {
  const running = system?.processes.flatMap(({ name, pid }) => (pid === undefined ? [] : [{ name, pid }])) ?? [];
  return new Map(running.map(({ name, pid }) => [name, cpuSecondsOfFamily(pid)]));
}

/** Waits until all events so far have arrived: those of one service keep their order, and a last reservation's are the last. */
async function settle(carId: string): Promise<void> {
  await seenAfter(await call<Reservation>('/reservations', { carId, userId: 'bench' }));
}

/** Milliseconds of CPU for each of `made` reservations since `before`, by process; what costs most comes first. */
function cpuSince(before: ReadonlyMap<string, number>, made: number): [string, number][] {
  const costs = [...cpuByProcess()].map(([name, seconds]): [string, number] => [name, ((seconds - (before.get(name) ?? 0)) * 1000) / made]);
  return costs.sort(([, a], [, b]) => b - a);
}

const carId = await registerCar();
console.log(`reserving through ${edge}, ${WARM_UP_SECONDS} s of warm-up`);
await throughput(carId, 16, WARM_UP_SECONDS);

await settle(carId);

const rates: string[][] = [];
let costs: string[][] = [];
let one: number | undefined;
for (const connections of CONNECTIONS) {
  const before = cpuByProcess();
  const { made, rate, p50, p99, failed } = await throughput(carId, connections, MEASURED_SECONDS);
  await settle(carId);
  const cpu = cpuSince(before, made);
  const sum = cpu.reduce((total, [, ms]) => total + ms, 0);
  one ??= rate;
  const relative = `${(rate / one).toFixed(1)} ×`;
  rates.push([String(connections), rate.toFixed(0), relative, p50.toFixed(1), p99.toFixed(1), sum.toFixed(1), String(failed)]);
  costs = cpu.map(([name, ms]) => [name, ms.toFixed(2), `${((100 * ms) / sum).toFixed(0)} %`]);
  console.log(`${connections} connections: ${rate.toFixed(0)} reservations/s, ${sum.toFixed(1)} ms of CPU each`);
}
const { rate: lagRate, rows, allocated } = await lag(carId);
const lags = [
  ['reservation committed → its row in mypage', quantile(rows, 0.5).toFixed(0), quantile(rows, 0.99).toFixed(0)],
  ['reservation committed → its allocation in mypage', quantile(allocated, 0.5).toFixed(0), quantile(allocated, 0.99).toFixed(0)],
];

const report = `# Reservations through the edge

\`npm run bench:reserve\` on ${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${(totalmem() / 2 ** 30).toFixed(0)} GiB; the load generator, all services, sidecars and engines
share them. Each row is one ${MEASURED_SECONDS} s run of \`POST /reservations\` on one car, so every reservation waits for the same stock row. CPU is that of the whole
system for one reservation, until the last of its events has arrived; the load generator's is not in it.

${table(['connections', 'reservations/s', 'relative to 1', 'p50 ms', 'p99 ms', 'CPU ms', 'failed'], rates)}

Where the CPU goes, with ${CONNECTIONS.at(-1)} connections:

${table(['process', 'ms for a reservation', 'share'], costs)}

Event lag with ${LAG_RATE} reservations/s offered (${lagRate.toFixed(0)}/s made), ${LAG_SECONDS} s, every ${LAG_SAMPLE}th looked at:

${table(['from → to', 'p50 ms', 'p99 ms'], lags)}
`;
const file = new URL('./reserve.md', import.meta.url);
writeFileSync(file, report);
console.log(`\n${report}`);
