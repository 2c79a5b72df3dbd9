import { writeFileSync } from 'node:fs';
import { Agent, type RequestOptions, request } from 'node:http';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { credentials } from '@grpc/grpc-js';
import { CarServiceClient, CarServiceService, GetCarRequest } from '#proto/rentcar/car/v1/car.ts';
import { NotRunning } from '../dev/laptop/control.ts';
import { podPorts, text } from '../dev/laptop/topology.ts';
import { quantile } from '../dev/terminal/quantile.ts';
import { table } from './figures.ts';
import { addressOf, type Cost, inTurns, microsPerCall, pidOf, topology } from './running.ts';

/** Rounds of each path and number of calls at once. */
const ROUNDS = 10;
const ROUND_SECONDS = 1;
const WARM_UP_SECONDS = 1.5;
/** Calls at once. */
const CALLERS = [1, 16] as const;

/** What works on a call: Envoys by what they stand beside. */
type Part = 'edge' | 'gateway' | 'service';
/** The first is what the others are compared with. */
const BARE = 'the bare service, gRPC';

const agent = new Agent({ keepAlive: true, maxSockets: Math.max(...CALLERS) });

/** One request to the edge over HTTP/1.1. Resolves with the body of a 200, rejects for anything else. */
function http(path: string, options: RequestOptions, body?: string | Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const { host, port } = topology.edgeListen;
    const sent = request({ agent, host, port, path, ...options }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const answer = Buffer.concat(chunks).toString();
        if (response.statusCode === 200) resolve(answer);
        else reject(new Error(`${path} answered ${response.statusCode}: ${answer}`));
      });
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** A call of GetCar to an address by gRPC, on one connection. */
function grpc(address: string, carId: string): { call: () => Promise<unknown>; close: () => void } {
  const client = new CarServiceClient(address, credentials.createInsecure(), { 'grpc.enable_retries': 0 });
  return {
    call: () => new Promise((resolve, reject) => client.getCar({ carId }, (error, answer) => (error ? reject(error) : resolve(answer)))),
    close: () => client.close(),
  };
}

async function main(): Promise<void> {
  const pids = async (...names: string[]) => await Promise.all(names.map(pidOf));
  const parts: Record<Part, number[]> = {
    edge: await pids('edge'),
    gateway: await pids('edge/gateway-1', 'edge/gateway-1-sidecar'),
    service: await pids('rentcar/car-1', 'rentcar/car-1-sidecar'),
  };
  const registered = await http('/rentcar/cars', { method: 'POST' }, JSON.stringify({ carName: 'BENCH', qty: 1 }));
  // What POST /rentcar/cars answers is a car.
  const { carId } = JSON.parse(registered) as { carId: string };
  const bare = grpc(addressOf('rentcar/car-1', podPorts.service), carId);
  const passed = grpc(text(topology.edgeListen), carId);
  const connect = (type: string, body: string | Uint8Array) => () =>
    http(CarServiceService.getCar.path, { method: 'POST', headers: { 'content-type': type, 'connect-protocol-version': '1' } }, body);
  const paths = {
    [BARE]: bare.call,
    'gRPC by the edge': passed.call,
    'REST by the edge': () => http(`/rentcar/cars/${carId}`, { method: 'GET' }),
    'Connect, JSON': connect('application/json', JSON.stringify({ carId })),
    'Connect, binary': connect('application/proto', GetCarRequest.encode({ carId }).finish()),
  };
  const rows: string[][] = [];
  for (const callers of CALLERS) {
    const turns = { paths, parts, callers, rounds: ROUNDS, roundSeconds: ROUND_SECONDS, warmUpSeconds: WARM_UP_SECONDS };
    rows.push(...report(callers, await inTurns(turns)));
  }
  bare.close();
  passed.close();
  agent.destroy();
  write(rows);
}

/** A row of figures for each path, and behind its first one a row of ratios. */
function report(callers: number, costs: Readonly<Record<string, Cost<Part>>>): string[][] {
  const figures = (cost: Cost<Part>) => {
    const cpu = microsPerCall(cost);
    return {
      rate: cost.times.length / cost.seconds,
      p50: quantile(cost.times, 0.5),
      p99: quantile(cost.times, 0.99),
      ...cpu,
      cpu: cpu.edge + cpu.gateway + cpu.service,
    };
  };
  const all = Object.entries(costs).map(([path, cost]) => ({ path, ...figures(cost) }));
  const first = all.find(({ path }) => path === BARE);
  return all.flatMap((of) => {
    const row = [
      String(callers),
      of.path,
      of.rate.toFixed(0),
      of.p50.toFixed(2),
      of.p99.toFixed(2),
      ...[of.edge, of.gateway, of.service, of.cpu].map((each) => each.toFixed(0)),
    ];
    if (first === undefined || of === first) return [row];
    const ratio = (key: 'rate' | 'p50' | 'p99' | 'cpu') => `${(of[key] / first[key]).toFixed(2)} ×`;
    return [row, ['', '**ratio**', ratio('rate'), ratio('p50'), ratio('p99'), '', '', '', ratio('cpu')]];
  });
}

function write(rows: readonly (readonly string[])[]): void {
  const head = ['calls at once', 'path', 'requests/s', 'p50 ms', 'p99 ms', 'edge µs', 'gateway µs', 'service µs', 'CPU µs'];
  const page = `# What each way through the edge costs

\`npm run bench:edge\` on ${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${(totalmem() / 2 ** 30).toFixed(0)} GiB; the caller, all services, sidecars and engines
share them. One process reads one car (\`GetCar\`, one row by its key) in ${ROUNDS} rounds of ${ROUND_SECONDS} s each in which the ways take turns: by gRPC over one HTTP/2
connection, straight at car's own port and through the edge; by REST, which Envoy transcodes, and by Connect, which the gateway does, over as many
HTTP/1.1 connections as there are calls at once. The ratios are to the bare service. The µs are CPU time for one call: of the edge, of the gateway and its
sidecar, of car and its sidecar, and of the three together; those of the caller and of the database are left out.

${table(head, rows)}
`;
  writeFileSync(new URL('./edge.md', import.meta.url), page);
  console.log(page);
}

try {
  await main();
} catch (error) {
  console.error(error instanceof NotRunning ? error.message : error);
  process.exitCode = 1;
}
