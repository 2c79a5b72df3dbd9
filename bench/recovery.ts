// Measures how soon events flow again after a kill: `npm run bench:recovery [-- --plays 5]`, on the running system.
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { controlClient } from '../dev/laptop/control.ts';
import { topologyFromEnvironment } from '../dev/laptop/topology.ts';
import { quantile } from '../dev/terminal/quantile.ts';
import { table } from './figures.ts';
import { HttpClient } from './http-client.ts';
import { openLoop } from './load.ts';
import { calibrate, machineTitle } from './machine.ts';
import { MeasuredSystem } from './measured-system.ts';
import { newUser, registerCar, reservationOf, reserve } from './rentcar-calls.ts';
import { type ViewState, Views } from './views.ts';

const { values: options } = parseArgs({ options: { plays: { type: 'string', default: '5' } } });

/** Who is killed, what has to flow again, and within how many milliseconds. */
const VICTIMS: readonly { readonly name: string; readonly until: ViewState; readonly limit: number | undefined }[] = [
  { name: 'rentcar/mypage-1', until: 'ROW', limit: 4000 },
  { name: 'rentcar/rental-1', until: 'ALLOCATED', limit: 4000 },
  { name: 'kafka', until: 'ALLOCATED', limit: 6000 },
  { name: 'rentcar/reservation-1', until: 'ALLOCATED', limit: undefined },
  { name: 'mongo', until: 'ALLOCATED', limit: undefined },
  { name: 'postgres', until: 'ALLOCATED', limit: undefined },
];

/** Reservations per second while processes are killed. */
const RATE = 50;
const WARM_UP_SECONDS = 20;
/** Time between a recovery and the next kill, so that one does not meet the other, in milliseconds. */
const REST_MS = 5000;
const LIMIT_MS = 60_000;

async function main(): Promise<void> {
  const topology = topologyFromEnvironment();
  const control = controlClient(topology.state.socket);
  const system = await MeasuredSystem.attach(topology);
  const client = new HttpClient(system.edge, 64);
  const views = new Views(system.mongoUri('rentcar/mypage'));
  let ended = false;
  try {
    const carId = await registerCar(client);
    const load = (async () => {
      while (!ended) await openLoop(RATE, 1, () => reserve(client, carId, newUser()));
    })();
    await sleep(WARM_UP_SECONDS * 1000);
    const before = calibrate();
    const found = new Map<string, number[]>(VICTIMS.map(({ name }) => [name, []]));
    for (let play = 1; play <= Number(options.plays); play++) {
      for (const { name, until } of VICTIMS) {
        const start = performance.now();
        await control.kill(name, 'SIGKILL');
        await shown(views, await reserved(client, carId), until);
        const time = performance.now() - start;
        found.get(name)?.push(time);
        console.log(`  ${name}, play ${play}: ${time.toFixed(0)} ms`);
        await sleep(REST_MS);
      }
    }
    ended = true;
    await load;
    const text = page(found, [before, calibrate()]);
    console.log(`\n${text}`);
    writeFileSync(new URL('./recovery.md', import.meta.url), text);
  } finally {
    ended = true;
    client.close();
    await views.close();
  }
}

/** Reserves until a call succeeds, and returns its id. */
async function reserved(client: HttpClient, carId: string): Promise<string> {
  for (const limit = Date.now() + LIMIT_MS; Date.now() < limit; await sleep(20)) {
    const answer = await reserve(client, carId, newUser());
    if (answer.status === 200) return reservationOf(answer).reservationId;
  }
  throw new Error(`no reservation succeeded within ${LIMIT_MS / 1000} s`);
}

/** Waits until the store of mypage shows a reservation. */
async function shown(views: Views, reservationId: string, until: ViewState): Promise<void> {
  for (const limit = Date.now() + LIMIT_MS; Date.now() < limit; await sleep(20)) {
    // The store itself may be away.
    const states = await views.states([reservationId]).catch(() => new Map<string, ViewState>());
    const state = states.get(reservationId);
    if (state === until || state === 'ALLOCATED') return;
  }
  throw new Error(`reservation ${reservationId} is not shown after ${LIMIT_MS / 1000} s`);
}

function page(found: ReadonlyMap<string, readonly number[]>, calibrations: readonly number[]): string {
  const rows = VICTIMS.map(({ name, until, limit }) => {
    const times = (found.get(name) ?? []).toSorted((a, b) => a - b);
    const all = times.map((time) => (time / 1000).toFixed(1)).join(', ');
    return [
      name,
      until === 'ROW' ? 'row' : 'allocation',
      (quantile(times, 0.5) / 1000).toFixed(1),
      all,
      limit === undefined ? '' : String(limit / 1000),
    ];
  });
  return `# Recovery after a kill

\`npm run bench:recovery -- --plays ${options.plays}\` on ${machineTitle()}. While ${RATE} reservations/s arrive, a process is killed (SIGKILL). The
time is that from the kill until the view shows a reservation that was made after it: its row, or the allocation, which passes through
rental. It includes the start of the process anew.

${table(['killed', 'until', 'median s', 'all s', 'limit s'], rows)}

The calibration loop took ${calibrations.map((each) => each.toFixed(0)).join(' ms before and ')} ms after.
`;
}

await main();
