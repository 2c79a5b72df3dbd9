import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { credentials } from '@grpc/grpc-js';
import { meshHost } from '#kit/client.ts';
import { CarServiceClient } from '#proto/rentcar/car/v1/car.ts';
import { controlClient, NotRunning } from '../dev/control.ts';
import { podPorts, topologyFromEnvironment } from '../dev/topology.ts';
import { quantile, table } from './figures.ts';
import { cpuSeconds } from './processes.ts';

/** Rounds of each path and number of calls at once. The paths take turns, so that what else the machine does meets both alike. */
const ROUNDS = 10;
const ROUND_SECONDS = 1;
const WARM_UP_SECONDS = 1.5;
/** Calls at once. */
const CALLERS = [1, 16] as const;

/** The ways a call can take. */
const PATHS = ['direct', 'sidecars'] as const;
type Path = (typeof PATHS)[number];

/** What a path took in one or more rounds. CPU in seconds. */
interface Cost {
  /** Milliseconds of each call. */
  readonly times: number[];
  seconds: number;
  caller: number;
  sidecars: number;
  callee: number;
}

const topology = topologyFromEnvironment();

/** The process that the control API calls `name`. */
async function pidOf(name: string): Promise<number> {
  const { processes } = await controlClient(topology.state.socket).status();
  const pid = processes.find((each) => each.name === name)?.pid;
  if (pid === undefined) throw new Error(`${name} is not running: \`npm run status\` shows what is.`);
  return pid;
}

function address(pod: string, port: number): string {
  const found = topology.pods.find(({ name }) => name === pod);
  if (found === undefined) throw new RangeError(`there is no pod ${pod}`);
  return `${found.workload.address}:${port}`;
}

/** A client of car; both paths name it alike, and each has one connection. */
function client(target: string): CarServiceClient {
  return new CarServiceClient(target, credentials.createInsecure(), {
    'grpc.default_authority': meshHost('rentcar.car.v1.CarService'),
    'grpc.enable_retries': 0,
  });
}

/** One call of GetCar; milliseconds. Anything but success ends the run, since a figure with failures in it means something else. */
function call(car: CarServiceClient, carId: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    car.getCar({ carId }, (error) => (error === null ? resolve(performance.now() - start) : reject(error)));
  });
}

function registerCar(car: CarServiceClient): Promise<string> {
  return new Promise((resolve, reject) => {
    car.registerCar({ carName: 'BENCH', qty: 1 }, (error, response) => {
      if (error !== null) reject(error);
      else resolve(response.car?.carId ?? '');
    });
  });
}

/** Calls as fast as `callers` can that each wait for their answer. */
async function calls(car: CarServiceClient, carId: string, callers: number, seconds: number): Promise<number[]> {
  const times: number[] = [];
  const end = performance.now() + seconds * 1000;
  const caller = async () => {
    while (performance.now() < end) times.push(await call(car, carId));
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return times;
}

/** Milliseconds for people. */
const ms = (value: number) => value.toFixed(2);
const times = (value: number) => `${value.toFixed(2)} ×`;

async function main(): Promise<void> {
  const pids = { callee: await pidOf('car-1'), sidecars: [await pidOf('reservation-1-sidecar'), await pidOf('car-1-sidecar')] };
  const cpu = () => ({
    caller: cpuSeconds(process.pid),
    sidecars: pids.sidecars.map(cpuSeconds).reduce((sum, each) => sum + each, 0),
    callee: cpuSeconds(pids.callee),
  });
  const clients: Record<Path, CarServiceClient> = {
    direct: client(address('car-1', podPorts.service)),
    sidecars: client(address('reservation-1', podPorts.outbound)),
  };
  const carId = await registerCar(clients.direct);
  const rows: string[][] = [];
  for (const callers of CALLERS) {
    const costs = await measure(clients, carId, callers, cpu);
    rows.push(...report(callers, costs));
  }
  for (const path of PATHS) clients[path].close();
  write(rows);
}

/** Takes both paths in turn, and adds up what each took. */
async function measure(
  clients: Record<Path, CarServiceClient>,
  carId: string,
  callers: number,
  cpu: () => Pick<Cost, 'caller' | 'sidecars' | 'callee'>,
): Promise<Record<Path, Cost>> {
  const cost = (): Cost => ({ times: [], seconds: 0, caller: 0, sidecars: 0, callee: 0 });
  const costs = { direct: cost(), sidecars: cost() };
  for (const path of PATHS) await calls(clients[path], carId, callers, WARM_UP_SECONDS);
  for (let round = 0; round < ROUNDS; round++) {
    // The one that goes first changes too: what a round leaves to the next is shared out.
    for (const path of round % 2 === 0 ? PATHS : PATHS.toReversed()) {
      const sum = costs[path];
      const [before, start] = [cpu(), performance.now()];
      for (const time of await calls(clients[path], carId, callers, ROUND_SECONDS)) sum.times.push(time);
      const after = cpu();
      sum.seconds += (performance.now() - start) / 1000;
      for (const part of ['caller', 'sidecars', 'callee'] as const) sum[part] += after[part] - before[part];
    }
  }
  return costs;
}

/** Two rows of figures and one of ratios. */
function report(callers: number, costs: Record<Path, Cost>): string[][] {
  const figures = (cost: Cost) => {
    const count = cost.times.length;
    const micros = (seconds: number) => (seconds * 1e6) / count;
    const parts = { caller: micros(cost.caller), sidecars: micros(cost.sidecars), callee: micros(cost.callee) };
    return {
      rate: count / cost.seconds,
      p50: quantile(cost.times, 0.5),
      p99: quantile(cost.times, 0.99),
      ...parts,
      cpu: parts.caller + parts.sidecars + parts.callee,
    };
  };
  const [direct, meshed] = [figures(costs.direct), figures(costs.sidecars)];
  const row = (path: string, of: typeof direct) => [
    String(callers),
    path,
    of.rate.toFixed(0),
    ms(of.p50),
    ms(of.p99),
    ...[of.caller, of.callee, of.sidecars, of.cpu].map((each) => each.toFixed(0)),
  ];
  const ratio = (of: keyof typeof direct) => times(meshed[of] / direct[of]);
  const line = `${callers} at once: p50 ${ratio('p50')}, p99 ${ratio('p99')}, CPU ${ratio('cpu')} (two sidecars add ${ms(meshed.p50 - direct.p50)} ms)`;
  console.log(line);
  return [
    row('direct', direct),
    row('two sidecars', meshed),
    ['', '**ratio**', ...(['rate', 'p50', 'p99', 'caller', 'callee'] as const).map(ratio), '', ratio('cpu')],
  ];
}

function write(rows: readonly (readonly string[])[]): void {
  const head = ['calls at once', 'path', 'calls/s', 'p50 ms', 'p99 ms', 'caller µs', 'callee µs', 'sidecars µs', 'CPU µs'];
  const text = `# What a pair of sidecars costs

\`npm run bench:mesh\` on ${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${(totalmem() / 2 ** 30).toFixed(0)} GiB; the caller, all services, sidecars and engines
share them. One process calls car's \`GetCar\` (one row by its key): straight at car's own port, and through reservation's sidecar and car's, in ${ROUNDS} rounds
of ${ROUND_SECONDS} s each that take turns. The µs are CPU time for one call: of the caller, of car, of both sidecars, and of the three together; that of the database is
left out, and is the same for both paths.

${table(head, rows)}

Of a call that takes longer, such as a reservation (see reserve.md), the same milliseconds are a smaller part.
`;
  writeFileSync(new URL('./mesh.md', import.meta.url), text);
  console.log(`\n${text}`);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof NotRunning ? error.message : error);
  process.exitCode = 1;
}
