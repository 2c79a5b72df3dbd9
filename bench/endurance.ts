import type { Topology } from '../dev/laptop/topology.ts';
import { quantile } from '../dev/terminal/quantile.ts';
import { table } from './figures.ts';
import { HttpClient } from './http-client.ts';
import { closedLoop, formatFailures, openLoop } from './load.ts';
import { calibrate, machineTitle } from './machine.ts';
import { MeasuredSystem, sum } from './measured-system.ts';
import { newUser, registerCar, reserve } from './rentcar-calls.ts';
import { type Plan, ReserveRuns } from './reserve-runs.ts';

/** Most sockets of the open loop. */
const SOCKETS = 256;

/** Figures of one minute. */
interface Minute {
  readonly cpu: number;
  readonly cells: readonly string[];
}

/**
 * Measures the running system under a steady load, minute by minute, and returns the page.
 *
 * @param share of the capacity that a closed loop reaches before
 * @throws NotRunning
 */
export async function endurance(topology: Topology, plan: Plan, minutes: number, share: number): Promise<string> {
  const system = await MeasuredSystem.attach(topology);
  const client = new HttpClient(system.edge, SOCKETS);
  const runs = new ReserveRuns(system, plan);
  try {
    const carId = await registerCar(client);
    await runs.warmUp(carId);
    const before = calibrate();
    const capacity = await closedLoop(plan.connections, plan.seconds, () => reserve(client, carId, newUser()));
    await system.untilIdle();
    const rate = (share * capacity.inTime) / capacity.seconds;
    console.log(`${rate.toFixed(0)} reservations/s for ${minutes} minutes`);
    const found: Minute[] = [];
    for (let minute = 1; minute <= minutes; minute++) found.push(await measureMinute(system, client, rate, minute));
    await system.untilIdle();
    return page(found, share, rate, [before, calibrate()]);
  } finally {
    client.close();
    await runs.close();
  }
}

async function measureMinute(system: MeasuredSystem, client: HttpClient, rate: number, minute: number): Promise<Minute> {
  // A car's stock does not last for many minutes.
  const carId = await registerCar(client);
  const before = system.cpuSum();
  const { latencies, failures } = await openLoop(rate, 60, () => reserve(client, carId, newUser()));
  const cpu = ((system.cpuSum() - before) * 1000) / latencies.length;
  const times = [0.5, 0.99].map((q) => quantile(latencies, q).toFixed(1));
  const memory = sum(system.memory().values()) / 2 ** 20;
  const cells = [String(minute), String(latencies.length), cpu.toFixed(2), ...times, memory.toFixed(0), formatFailures(failures)];
  console.log(`  minute ${cells.join(' · ')}`);
  return { cpu, cells };
}

function page(minutes: readonly Minute[], share: number, rate: number, calibrations: readonly number[]): string {
  const [second, last] = [minutes[1] ?? minutes[0], minutes.at(-1)];
  const ratio = (last?.cpu ?? Number.NaN) / (second?.cpu ?? Number.NaN);
  const head = ['minute', 'reservations', 'CPU ms', 'p50 ms', 'p99 ms', 'memory MiB', 'failed'];
  return `# Reservations under a steady load

\`npm run bench:reserve -- --minutes ${minutes.length} --share ${share}\` on ${machineTitle()}; the load generator shares them. An open loop
sends ${rate.toFixed(0)} reservations/s, ${share * 100} % of what a closed loop reached before. CPU is that of all processes of the system with the engines for
one reservation; latencies count from the moment at which a call is due; memory is PSS.

${table(
  head,
  minutes.map(({ cells }) => cells),
)}

CPU for one reservation in minute ${minutes.length} is ${ratio.toFixed(2)} × that in minute ${Math.min(2, minutes.length)}. The calibration loop took ${calibrations.map((each) => each.toFixed(0)).join(' ms before and ')} ms after.
`;
}
