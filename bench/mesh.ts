import { writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { credentials } from '@grpc/grpc-js';
import { meshHost } from '#kit/rpc/client.ts';
import { CarServiceClient } from '#proto/rentcar/car/v1/car.ts';
import { NotRunning } from '../dev/laptop/control.ts';
import { podPorts } from '../dev/laptop/topology.ts';
import { quantile } from '../dev/terminal/quantile.ts';
import { table } from './figures.ts';
import { addressOf, type Cost, inTurns, microsPerCall, pidOf } from './running.ts';

/** Rounds of each path and number of calls at once. */
const ROUNDS = 10;
const ROUND_SECONDS = 1;
const WARM_UP_SECONDS = 1.5;
/** Calls at once. */
const CALLERS = [1, 16] as const;

/** The ways a call can take. */
const PATHS = ['direct', 'sidecars'] as const;
type Path = (typeof PATHS)[number];

/** What works on a call. */
type Part = 'caller' | 'sidecars' | 'callee';

/** A client of car; both paths name it alike, and each has one connection. */
function client(target: string): CarServiceClient {
  return new CarServiceClient(target, credentials.createInsecure(), {
    'grpc.default_authority': meshHost('rentcar.car.v1.CarService'),
    'grpc.enable_retries': 0,
  });
}

/** One call of GetCar. */
function call(car: CarServiceClient, carId: string): Promise<unknown> {
  return new Promise((resolve, reject) => car.getCar({ carId }, (error, answer) => (error === null ? resolve(answer) : reject(error))));
}

function registerCar(car: CarServiceClient): Promise<string> {
  return new Promise((resolve, reject) => {
    car.registerCar({ carName: 'BENCH', qty: 1 }, (error, response) => {
      if (error !== null) reject(error);
      else resolve(response.car?.carId ?? '');
    });
  });
}

/** Milliseconds for people. */
const ms = (value: number) => value.toFixed(2);
const times = (value: number) => `${value.toFixed(2)} ×`;

async function main(): Promise<void> {
  const parts: Record<Part, number[]> = {
    caller: [process.pid],
    sidecars: [await pidOf('rentcar/reservation-1-sidecar'), await pidOf('rentcar/car-1-sidecar')],
    callee: [await pidOf('rentcar/car-1')],
  };
  const clients: Record<Path, CarServiceClient> = {
    direct: client(addressOf('rentcar/car-1', podPorts.service)),
    sidecars: client(addressOf('rentcar/reservation-1', podPorts.outbound)),
  };
  const carId = await registerCar(clients.direct);
  const paths = { direct: () => call(clients.direct, carId), sidecars: () => call(clients.sidecars, carId) };
  const rows: string[][] = [];
  for (const callers of CALLERS) {
    const turns = { paths, parts, callers, rounds: ROUNDS, roundSeconds: ROUND_SECONDS, warmUpSeconds: WARM_UP_SECONDS };
    rows.push(...report(callers, await inTurns(turns)));
  }
  for (const path of PATHS) clients[path].close();
  write(rows);
}

/** Two rows of figures and one of ratios. */
function report(callers: number, costs: Record<Path, Cost<Part>>): string[][] {
  const figures = (cost: Cost<Part>) => {
    const parts = microsPerCall(cost);
    return {
      rate: cost.times.length / cost.seconds,
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
