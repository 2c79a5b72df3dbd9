import type { Faults } from '#proto/rentmesh/fault/v1/fault.ts';
import { quantile } from '../dev/terminal/quantile.ts';
import { table } from './figures.ts';
import { machineTitle } from './machine.ts';

/** The system whose circuit is measured. */
export interface CircuitSystem {
  readonly title: string;
  readonly edge: string;
  /** Sets the faults of all replicas of car. */
  setFaults(faults: Partial<Faults>): Promise<void>;
  /** Seconds of CPU that its processes have used so far; undefined where they run on other machines. */
  readonly cpuSeconds: (() => number) | undefined;
}

/** An answer that a user has had. */
interface CircuitAnswer {
  readonly status: number;
  /** Why it failed; undefined for a success. */
  readonly reason: string | undefined;
  /** When it was complete, by performance.now(). */
  readonly at: number;
  readonly ms: number;
}

/** What happened while car was slow, and after. */
export interface CircuitPlay {
  readonly answers: readonly CircuitAnswer[];
  /** From the end of the fault to the first reservation: milliseconds, and failed attempts. Without any the circuit was closed. */
  readonly recovery: { readonly ms: number; readonly failures: number };
  /** Milliseconds of the calibration loop before. */
  readonly calibration: number;
  /** Share of all cores that other processes used; undefined where that is not known. */
  readonly others: number | undefined;
}

/** What the users did. */
interface Scenario {
  readonly users: number;
  readonly seconds: number;
  /** Milliseconds that car takes. */
  readonly delay: readonly [number, number];
}

/** Envoy's reason for a call that it refuses because all replicas are ejected. */
const REFUSED = 'UPSTREAM_UNAVAILABLE';
/** A second with fewer refusals has no 99th percentile. */
const SAMPLE = 100;

/** 99th percentile of the refusals of each second that has enough of them. */
export function p99BySecond(refusals: readonly Pick<CircuitAnswer, 'at' | 'ms'>[]): number[] {
  const seconds = [...Map.groupBy(refusals, ({ at }) => Math.floor(at / 1000)).values()];
  return seconds.filter(({ length }) => length >= SAMPLE).map((answers) => quantile(answers.map(timeOf), 0.99));
}

const timeOf = ({ ms }: Pick<CircuitAnswer, 'ms'>) => ms;
const text = (value: number) => (Number.isNaN(value) ? '–' : value.toFixed(1));

function row(index: number, { answers, recovery, calibration, others }: CircuitPlay): string[] {
  const refusals = answers.filter(({ reason }) => reason === REFUSED);
  const succeeded = answers.filter(({ status }) => status === 200).length;
  const others503 = answers.length - succeeded - refusals.length;
  const bySecond = p99BySecond(refusals);
  const times = refusals.map(timeOf);
  return [
    String(index + 1),
    String(succeeded),
    String(refusals.length),
    String(others503),
    ...[0.5, 0.99, 1].map((q) => text(quantile(times, q))),
    text(quantile(bySecond, 0.5)),
    text(quantile(bySecond, 1)),
    recovery.ms.toFixed(0),
    String(recovery.failures),
    others === undefined ? 'unknown' : `${(others * 100).toFixed(0)} %`,
    calibration.toFixed(0),
  ];
}

/** Writes the plays as a Markdown page. */
export function report(title: string, { users, seconds, delay }: Scenario, plays: readonly CircuitPlay[]): string {
  const head = ['play', 'reserved', 'refused', 'other failures', 'p50 ms', 'p99 ms', 'max ms', 'p99, median second'];
  const refusals = plays.flatMap(({ answers }) => answers.filter(({ reason }) => reason === REFUSED)).map(timeOf);
  const recoveries = plays.flatMap(({ recovery }) => (recovery.failures > 0 ? recovery.ms : []));
  const failures = plays.flatMap(({ answers }) =>
    answers.flatMap(({ reason }) => (reason === undefined || reason === REFUSED ? [] : reason)),
  );
  const reasons = [...Map.groupBy(failures, (reason) => reason)].map(([reason, all]) => `${all.length} ${reason}`);
  return `# Refusals and recovery of the circuit

\`npm run bench:circuit\` on ${title}, ${machineTitle()} with the load generator. ${users} users reserve without a pause while car
answers after ${delay[0]} to ${delay[1]} ms and its callers wait for 1000 ms, for ${seconds} s in each play. A refusal is a 503 with the reason \`${REFUSED}\`:
the circuit was open, and the call never reached reservation. Seconds with fewer than ${SAMPLE} refusals are not in the figures by second.
Recovery is the time from the end of the fault to the first reservation of a client that asks again as soon as it is refused;
where no attempt failed, the circuit was closed when the fault ended.

${table(
  [...head, 'p99, worst second', 'recovery ms', 'failed meanwhile', 'CPU of others', 'calibration ms'],
  plays.map((play, index) => row(index, play)),
)}

All plays: refusals p50 ${text(quantile(refusals, 0.5))} ms, p99 ${text(quantile(refusals, 0.99))} ms, max ${text(quantile(refusals, 1))} ms; recovery of the ${recoveries.length} plays that
ended with an open circuit p50 ${text(quantile(recoveries, 0.5))} ms, max ${text(quantile(recoveries, 1))} ms.
Other failures by reason: ${reasons.length === 0 ? 'none' : reasons.join(', ')}.

Users who never wait use all CPU that the system leaves them, so refusals also wait for the load generator. On a cluster the
edge and the faults are reached through port-forwards, and the CPU of others is not known:

\`\`\`sh
kubectl -n edge port-forward service/ingress 8088
kubectl -n rentcar port-forward deployment/car 50051
RENTMESH_EDGE=http://127.0.0.1:8088 RENTMESH_CAR=127.0.0.1:50051 npm run bench:circuit
\`\`\`

\`deployment/car\` reaches one replica: with more, forward each pod and list all addresses.
`;
}
