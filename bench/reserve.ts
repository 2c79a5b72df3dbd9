import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import autocannon from 'autocannon';
import { quantile, table } from './figures.ts';

/** Seconds that each number of connections is measured for, after the warm-up. */
const MEASURED_SECONDS = 10;
const WARM_UP_SECONDS = 3;
const CONNECTIONS = [1, 16, 50] as const;
/** Reservations a second while the event lag is measured, and for how many seconds. */
const LAG_RATE = 200;
const LAG_SECONDS = 10;
/** Every how many-th reservation is looked for in mypage until it appears. */
const LAG_SAMPLE = 10;

const edge = process.env.RENTMESH_EDGE ?? 'http://127.0.0.1:8088';

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
    rate: result['2xx'] / result.duration,
    failed: result.non2xx + result.errors,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
  };
}

/** Milliseconds until the reservation's row is in mypage, counted from its commit. */
async function firstSeen({ reservationId, createTime }: Reservation): Promise<number> {
  for (;;) {
    const response = await fetch(`${edge}/mypages/${reservationId}`);
    await response.body?.cancel();
    if (response.ok) return Date.now() - Date.parse(createTime);
    if (Date.now() - Date.parse(createTime) > 30_000) throw new Error(`reservation ${reservationId} is not in mypage after 30 s`);
    await sleep(2);
  }
}

/** The lag of events at a steady rate: until the row is there, and until the allocation (a second service and topic) is in it. */
async function lag(carId: string) {
  const userId = `bench-${Date.now()}`;
  const reservations: Promise<Reservation>[] = [];
  const seen: Promise<number>[] = [];
  const start = performance.now();
  for (let i = 0; i < LAG_RATE * LAG_SECONDS; i++) {
    const due = start + (i * 1000) / LAG_RATE;
    if (due > performance.now()) await sleep(due - performance.now());
    const reservation = call<Reservation>('/reservations', { carId, userId });
    reservations.push(reservation);
    if (i % LAG_SAMPLE === 0) seen.push(reservation.then(firstSeen));
  }
  const committed = new Map((await Promise.all(reservations)).map((r) => [r.reservationId, Date.parse(r.createTime)]));
  const rows = await Promise.all(seen);
  const allocated: number[] = [];
  for (const limit = Date.now() + 30_000; allocated.length < committed.size; ) {
    if (Date.now() > limit) throw new Error(`${committed.size - allocated.length} allocations are not in mypage after 30 s`);
    allocated.length = 0;
    for (let token = ''; ; ) {
      const query = new URLSearchParams({ userId, status: 'ALLOCATED', pageSize: '100', pageToken: token });
      const page = await call<{ mypages: { reservationId: string; updateTime: string }[]; nextPageToken: string }>(`/mypages?${query}`);
      for (const row of page.mypages) allocated.push(Date.parse(row.updateTime) - (committed.get(row.reservationId) ?? Number.NaN));
      token = page.nextPageToken;
      if (token === '') break;
    }
  }
  return { rows, allocated };
}

const carId = await registerCar();
console.log(`reserving through ${edge}, ${WARM_UP_SECONDS} s of warm-up`);
await throughput(carId, 16, WARM_UP_SECONDS);

const rates: string[][] = [];
let one: number | undefined;
for (const connections of CONNECTIONS) {
  const { rate, p50, p99, failed } = await throughput(carId, connections, MEASURED_SECONDS);
  one ??= rate;
  rates.push([String(connections), rate.toFixed(0), `${(rate / one).toFixed(1)} ×`, p50.toFixed(1), p99.toFixed(1), String(failed)]);
  console.log(`${connections} connections: ${rate.toFixed(0)} reservations/s`);
}
const { rows, allocated } = await lag(carId);
const lags = [
  ['reservation committed → its row in mypage', quantile(rows, 0.5).toFixed(0), quantile(rows, 0.99).toFixed(0)],
  ['reservation committed → its allocation in mypage', quantile(allocated, 0.5).toFixed(0), quantile(allocated, 0.99).toFixed(0)],
];

const report = `# Reservations through the edge

\`npm run bench:reserve\` on ${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${(totalmem() / 2 ** 30).toFixed(0)} GiB; the load generator, all services, sidecars and engines
share them. Each row is one ${MEASURED_SECONDS} s run of \`POST /reservations\` on one car, so every reservation waits for the same stock row.

${table(['connections', 'reservations/s', 'relative to 1', 'p50 ms', 'p99 ms', 'failed'], rates)}

Event lag at ${LAG_RATE} reservations/s, ${LAG_SECONDS} s:

${table(['from → to', 'p50 ms', 'p99 ms'], lags)}
`;
const file = new URL('./reserve.md', import.meta.url);
writeFileSync(file, report);
console.log(`\n${report}`);
