import { table } from './figures.ts';
import { machineTitle } from './machine.ts';

/** The limit of all Node processes together, in MiB of PSS. */
const NODE_LIMIT_MIB = 600;
/** The limit of each sidecar, in MiB of PSS. */
const SIDECAR_LIMIT_MIB = 26;
/** The limit of all processes but the engines at rest, in percent of one core. */
const IDLE_LIMIT_PERCENT = 3;

/** What a process is, for the limits. */
type Kind = 'node' | 'envoy' | 'engine';

const ENGINES: ReadonlySet<string> = new Set(['postgres', 'kafka', 'mongo']);

/** Figures by process. */
export interface Figures {
  /** MiB of PSS after the load. */
  readonly memory: ReadonlyMap<string, number>;
  /** CPU at rest, in percent of one core. */
  readonly idle: ReadonlyMap<string, number>;
}

/** How the figures were measured. */
export interface Conditions {
  /** Reservations per second. */
  readonly rate: number;
  readonly failures: string;
  readonly loadSeconds: number;
  readonly connections: number;
  readonly idleSeconds: number;
}

/** Returns what a process of the control API is. The edge is an Envoy and no sidecar. */
export function kindOf(name: string): Kind {
  if (ENGINES.has(name)) return 'engine';
  return name.endsWith('-sidecar') || name === 'edge' ? 'envoy' : 'node';
}

/** Formats the report. */
export function memoryReport({ memory, idle }: Figures, conditions: Conditions): string {
  const { rate, failures, loadSeconds, connections, idleSeconds } = conditions;
  const sum = (of: ReadonlyMap<string, number>, ...kinds: Kind[]) =>
    [...of].reduce((total, [name, value]) => (kinds.includes(kindOf(name)) ? total + value : total), 0);
  const sidecars = [...memory].flatMap(([name, mib]) => (name.endsWith('-sidecar') ? [mib] : []));
  const limits = [
    ratio('Node processes together, MiB', sum(memory, 'node'), NODE_LIMIT_MIB),
    ratio('largest sidecar, MiB', Math.max(...sidecars), SIDECAR_LIMIT_MIB),
    ratio('CPU at rest without engines, % of a core', sum(idle, 'node', 'envoy'), IDLE_LIMIT_PERCENT),
  ];
  const order: readonly Kind[] = ['node', 'envoy', 'engine'];
  const names = [...memory.keys()].toSorted((one, other) => {
    return order.indexOf(kindOf(one)) - order.indexOf(kindOf(other)) || (memory.get(other) ?? 0) - (memory.get(one) ?? 0);
  });
  const rows = names.map((name) => [name, kindOf(name), (memory.get(name) ?? 0).toFixed(1), (idle.get(name) ?? 0).toFixed(2)]);
  const sums = order.map((kind) => [`**all ${kind}**`, kind, sum(memory, kind).toFixed(1), sum(idle, kind).toFixed(2)]);
  return `# Memory and CPU at rest

\`npm run bench:memory\` on ${machineTitle()}, one run; the load generator, all services, sidecars and engines share them.

- Memory is the proportional set size (PSS) at the end of ${loadSeconds} s of reservations at ${connections} connections: ${rate.toFixed(0)}/s, failed ${failures}.
- CPU is that of ${idleSeconds} s at rest, in percent of one core.
- \`supervisor\` is the process that starts and watches the others; \`starter\` are Node processes above it, if it runs in a terminal.
- Engines (PostgreSQL, the Kafka JVM, the MongoDB emulator) are reported and do not count for the limits. Each process counts with its children.

## Limits

${table(['figure', 'measured', 'limit', 'ratio'], limits)}

## Processes

${table(['process', 'kind', 'MiB', 'CPU %'], [...rows, ...sums])}
`;
}

function ratio(title: string, value: number, limit: number): string[] {
  return [title, value.toFixed(1), String(limit), `${(value / limit).toFixed(2)} ×`];
}
