// Measures how fast the open circuit refuses and how fast it recovers: `npm run bench:circuit [-- --plays N --seconds N]`.
// On a cluster: RENTMESH_EDGE names the edge, and RENTMESH_CAR the addresses where all replicas of car take faults, such as
// those of `kubectl -n rentcar port-forward pod/car-… 50051`.
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Faults } from '#proto/rentmesh/fault/v1/fault.ts';
import { controlClient, NotRunning } from '../dev/laptop/control.ts';
import { setFaults, setFaultsAt } from '../dev/laptop/faults.ts';
import { topologyFromEnvironment } from '../dev/laptop/topology.ts';
import { type CircuitPlay, type CircuitSystem, report } from './circuit-report.ts';
import { failureReason, HttpClient } from './http-client.ts';
import { calibrate, measureOthers } from './machine.ts';
import { MeasuredSystem } from './measured-system.ts';
import { newUser, registerCar, reserve } from './rentcar-calls.ts';

const { values: options } = parseArgs({
  options: {
    plays: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '10' },
    quick: { type: 'boolean', default: false },
  },
});
const plays = options.quick ? 1 : Number(options.plays);
const seconds = options.quick ? 4 : Number(options.seconds);

/** car answers after 800 to 1100 ms, its callers wait for 1000 ms, and 50 users reserve without a pause. */
const DELAY: Partial<Faults> = { delayMsMin: 800, delayMsMax: 1100 };
const USERS = 50;
/** The call that is slow. */
const CHECK = 'rentcar.car.v1.CarService/CheckUpdateStock';
/** Length of the first play, whose figures are left out: the first refusals of a process take ten times as long. */
const WARM_UP_SECONDS = 4;
/** Limit of the wait for the first reservation after the fault. */
const RECOVERY_LIMIT_MS = 60_000;

/** Finds the system: the one that RENTMESH_EDGE names, or the running instance. */
async function find(): Promise<CircuitSystem> {
  const { RENTMESH_EDGE: edge, RENTMESH_CAR: car } = process.env;
  if (edge !== undefined) {
    if (car === undefined) throw new RangeError('RENTMESH_CAR has to name the addresses where car takes faults, as RENTMESH_EDGE is set');
    const set = async (faults: Partial<Faults>) => {
      await Promise.all(car.split(',').map((address) => setFaultsAt(address.trim(), faults)));
    };
    return { title: 'a cluster', edge, setFaults: set, cpuSeconds: undefined };
  }
  const topology = topologyFromEnvironment();
  const control = controlClient(topology.state.socket);
  const system = await MeasuredSystem.attach(topology);
  const set = async (faults: Partial<Faults>) => {
    await setFaults(control, 'rentcar/car', faults);
  };
  return { title: 'a laptop instance', edge: system.edge, setFaults: set, cpuSeconds: () => system.cpuSum() };
}

/** Lets the users reserve while car is slow for some seconds, and until reservations succeed again. */
async function play(system: CircuitSystem, length: number): Promise<CircuitPlay> {
  const client = new HttpClient(system.edge, USERS + 1);
  const slow = (faults: Partial<Faults>) => system.setFaults({ ...faults, methods: [CHECK] });
  const answers: CircuitPlay['answers'][number][] = [];
  let ended = false;
  const user = async (carId: string) => {
    while (!ended) {
      const answer = await reserve(client, carId, newUser());
      const reason = answer.status === 200 ? undefined : failureReason(answer);
      answers.push({ status: answer.status, reason, at: performance.now(), ms: answer.ms });
    }
  };
  try {
    const carId = await registerCar(client);
    const calibration = calibrate();
    const others = system.cpuSeconds && measureOthers(ownAnd(system.cpuSeconds));
    await slow(DELAY);
    const users = Promise.all(Array.from({ length: USERS }, () => user(carId)));
    try {
      await sleep(length * 1000);
    } finally {
      await slow({});
    }
    const healed = performance.now();
    const recovery = await firstSuccess(client, carId, healed);
    ended = true;
    await users;
    return { answers, recovery, calibration, others: others?.() };
  } finally {
    ended = true;
    client.close();
  }
}

/** Waits from `since` on until a reservation succeeds, asked for again as soon as it fails. */
async function firstSuccess(client: HttpClient, carId: string, since: number): Promise<CircuitPlay['recovery']> {
  for (let failures = 0; performance.now() < since + RECOVERY_LIMIT_MS; failures++) {
    const { status } = await reserve(client, carId, newUser());
    if (status === 200) return { ms: performance.now() - since, failures };
  }
  throw new Error(`no reservation succeeded within ${RECOVERY_LIMIT_MS / 1000} s after the fault`);
}

function ownAnd(cpuSeconds: () => number): () => number {
  return () => {
    const { user, system } = process.cpuUsage();
    return cpuSeconds() + (user + system) / 1e6;
  };
}

async function main(): Promise<void> {
  const system = await find();
  console.log(`${WARM_UP_SECONDS} s of warm-up, then ${plays} plays of ${seconds} s`);
  await play(system, WARM_UP_SECONDS);
  const played: CircuitPlay[] = [];
  for (let count = 0; count < plays; count++) {
    const one = await play(system, seconds);
    played.push(one);
    console.log(`  play ${count + 1}: ${one.answers.length} answers, recovered after ${one.recovery.ms.toFixed(0)} ms`);
  }
  const page = report(system.title, { users: USERS, seconds, delay: [DELAY.delayMsMin ?? 0, DELAY.delayMsMax ?? 0] }, played);
  console.log(`\n${page}`);
  if (!options.quick) writeFileSync(new URL('./circuit.md', import.meta.url), page);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof NotRunning || error instanceof RangeError ? error.message : error);
  process.exitCode = 1;
}
