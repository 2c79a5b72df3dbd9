// Measures the running system: `npm run bench:memory`. PSS per process after a minute of load, then the CPU per process at rest.
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { controlClient, NotRunning } from '../dev/laptop/control.ts';
import { type Topology, topologyFromEnvironment } from '../dev/laptop/topology.ts';
import { HttpClient } from './http-client.ts';
import { closedLoop, formatFailures, type Tally } from './load.ts';
import { difference, MeasuredSystem } from './measured-system.ts';
import { type Figures, memoryReport } from './memory-report.ts';
import { cpuSeconds, nodeAncestorsOf, pss } from './processes.ts';
import { newUser, registerCar, reserve } from './rentcar-calls.ts';

const CONNECTIONS = 50;
const LOAD_SECONDS = Number(process.env.L ?? 60);
/** Events are applied and pools close their connections. */
const SETTLE_SECONDS = Number(process.env.S ?? 30);
const IDLE_SECONDS = Number(process.env.I ?? 60);

async function main(): Promise<void> {
  const topology = topologyFromEnvironment();
  const system = await MeasuredSystem.attach(topology);
  const supervision = await supervisionOf(topology);
  const cpu = () => new Map([...system.cpu(), ...supervision.map(([name, pid]) => [name, cpuSeconds(pid)] as const)]);
  const tally = await load(system.edge);
  const memory = new Map([...system.memory(), ...supervision.map(([name, pid]) => [name, pss(pid)] as const)]);
  await sleep(SETTLE_SECONDS * 1000);
  const before = cpu();
  await sleep(IDLE_SECONDS * 1000);
  const idle = difference(cpu(), before);
  const figures: Figures = {
    memory: new Map([...memory].map(([name, bytes]) => [name, bytes / 2 ** 20])),
    idle: new Map([...idle].map(([name, seconds]) => [name, (100 * seconds) / IDLE_SECONDS])),
  };
  const text = memoryReport(figures, {
    rate: tally.inTime / tally.seconds,
    failures: formatFailures(tally.failures),
    loadSeconds: LOAD_SECONDS,
    connections: CONNECTIONS,
    idleSeconds: IDLE_SECONDS,
  });
  writeFileSync('/tmp/k1-memory.md', text);
  console.log(text);
}

/** The supervisor and the Node processes that started it. All others are their children, so these count alone. */
async function supervisionOf(topology: Topology): Promise<(readonly [name: string, pid: number])[]> {
  const { pid } = await controlClient(topology.state.socket).status();
  return [['supervisor', pid], ...nodeAncestorsOf(pid).map((each, index) => [`starter ${index + 1}`, each] as const)];
}

async function load(edge: string): Promise<Tally> {
  const client = new HttpClient(edge, CONNECTIONS);
  try {
    const carId = await registerCar(client);
    return await closedLoop(CONNECTIONS, LOAD_SECONDS, () => reserve(client, carId, newUser()));
  } finally {
    client.close();
  }
}

try {
  await main();
} catch (error) {
  console.error(error instanceof NotRunning ? error.message : error);
  process.exitCode = 1;
}
