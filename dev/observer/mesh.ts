import {
  type Call,
  type Circuit,
  type Engine,
  type Mesh,
  type Play,
  type Replica,
  State,
  type Workload,
} from '#proto/rentmesh/observer/v1/observer.ts';
import type { SystemStatus } from '../laptop/control.ts';
import type { ProcessState, ProcessStatus } from '../laptop/process-spec.ts';
import { identityOfHost, openedBy, type Row } from '../mesh/rates.ts';
import { isTroubled } from '../mesh/status/view.ts';
import { identityOf, replicaOfSidecar, serviceOfReplica, shortName } from '../systems/identity.ts';
import type { ServiceDefinition } from '../systems/services.ts';
import { type CallPath, upstreamKey } from './call-paths.ts';

/** What a state of the mesh is put together from. */
export interface Measured {
  readonly status: SystemStatus;
  /** Rows of the sidecars in groups: what goes out by workload, what comes in by pod. */
  readonly rows: readonly Row[];
  /** Sidecars that did not answer. */
  readonly silent: readonly string[];
  /** The time that rows are of, in seconds. */
  readonly seconds: number;
  readonly services: readonly ServiceDefinition[];
  readonly callPaths: readonly CallPath[];
  readonly play: Play | undefined;
  readonly time: Date;
}

const EDGE = 'edge';

/** Returns the workload of a pod: `rentcar/car` of `rentcar/car-1`. */
export function workloadOf(pod: string): string {
  return serviceOfReplica(pod) ?? pod;
}

/** Puts a state of the mesh together. */
export function meshOf({ status, rows, silent, seconds, services, callPaths, play, time }: Measured): Mesh {
  const { processes, policy } = status;
  return {
    time,
    seconds,
    workloads: workloadsOf(processes, rows, silent, services),
    calls: callsOf(rows, callPaths),
    engines: enginesOf(processes),
    policies: { inForce: policy?.ok !== false, error: policy?.error ?? '' },
    play,
  };
}

function workloadsOf(
  processes: readonly ProcessStatus[],
  rows: readonly Row[],
  silent: readonly string[],
  services: readonly ServiceDefinition[],
): Workload[] {
  const sidecars = new Map(processes.flatMap((process) => (replicaOfSidecar(process.name) === undefined ? [] : [[process.name, process]])));
  const replica = (process: ProcessStatus, sidecar: ProcessStatus | undefined): Replica => {
    const inbound = rows.filter((row) => row.direction === 'inbound' && row.sidecar === process.name);
    const [busiest] = inbound.toSorted((a, b) => b.calls - a.calls);
    return {
      name: process.name,
      state: stateOf(process.state),
      sidecarState: stateOf(sidecar?.state ?? 'stopped'),
      sidecarAnswers: sidecar !== undefined && !silent.includes(process.name),
      restarts: process.restarts,
      calls: sum(inbound, ({ calls }) => calls),
      inFlight: sum(inbound, ({ active }) => active),
      refused: sum(inbound, ({ refused }) => refused),
      p50Ms: busiest?.p50,
      p99Ms: busiest?.p99,
    };
  };
  const edge = processes.filter(({ name }) => name === EDGE).map((process) => replica(process, process));
  const pods = processes.filter(({ name }) => serviceOfReplica(name) !== undefined);
  return [
    ...(edge.length > 0 ? [{ name: EDGE, namespace: EDGE, host: '', replicas: edge, store: '' }] : []),
    ...[...Map.groupBy(pods, ({ name }) => workloadOf(name))].map(([name, replicas]) => {
      const definition = services.find((service) => identityOf(service) === name);
      const namespace = definition?.system ?? '';
      return {
        name,
        namespace,
        host: `${shortName(name)}.${namespace}.svc.cluster.local`,
        replicas: replicas.map((process) => replica(process, sidecars.get(`${process.name}-sidecar`))),
        store: storeOf(definition, processes),
      };
    }),
  ];
}

/** The engine's process, which need not be one of ours. */
function storeOf(definition: ServiceDefinition | undefined, processes: readonly ProcessStatus[]): string {
  return processes.find(({ name }) => name === definition?.store)?.name ?? '';
}

function enginesOf(processes: readonly ProcessStatus[]): Engine[] {
  return processes
    .filter(({ name }) => name !== EDGE && serviceOfReplica(name) === undefined && replicaOfSidecar(name) === undefined)
    .map(({ name, title, state }) => ({ name, title, state: stateOf(state) }));
}

function callsOf(rows: readonly Row[], callPaths: readonly CallPath[]): Call[] {
  const declared = new Set(callPaths.filter(({ isDeclared }) => isDeclared).map(upstreamKey));
  return rows.flatMap((row) => {
    if (row.direction !== 'outbound') return [];
    const key = upstreamKey({ caller: row.sidecar, host: row.host, subset: row.subset });
    if (row.callsEver === 0 && row.active === 0 && !declared.has(key) && !isTroubled(row)) return [];
    const methods = callPaths.filter((path) => upstreamKey(path) === key).map(({ method }) => method);
    return [callOf(row, [...new Set(methods)])];
  });
}

function callOf(row: Row, methods: string[]): Call {
  return {
    caller: row.sidecar,
    callee: identityOfHost(row.host),
    host: row.host,
    subset: row.subset,
    calls: row.calls,
    successes: Math.round((row.success ?? 0) * row.calls),
    statuses: { ...row.statuses },
    retries: row.retries,
    retriesRefused: row.retriesRefused,
    refused: row.refused,
    noReplica: row.noReplica,
    timeouts: row.timeouts,
    inFlight: row.active,
    p50Ms: row.p50,
    p99Ms: row.p99,
    circuit: circuitOf(row),
    destinations: row.replicas.map(({ name, ejected }) => ({ name, ejected })),
    ejections: row.ejections,
    used: row.callsEver > 0,
    methods,
  };
}

/** A circuit that has opened and closed between two states has been open: what it refused is told with it. */
function circuitOf(row: Row): Circuit {
  const now = openedBy(row);
  const before = [
    ...(row.refused > 0 && now.length === 0 ? ['a limit was reached'] : []),
    ...(row.noReplica > 0 && !row.allEjected ? ['all were ejected'] : []),
  ];
  const limits = (['calls', 'waiting', 'retries', 'connections'] as const).flatMap((name) => {
    const { limit, left } = row.circuit[name];
    return limit === undefined ? [] : [{ name, limit, left: left ?? limit }];
  });
  return { open: now.length + before.length > 0, reasons: [...now, ...before], limits };
}

const STATES: Readonly<Record<ProcessState, State>> = {
  stopped: State.STOPPED,
  starting: State.STARTING,
  ready: State.READY,
  'backing off': State.BACKING_OFF,
  stopping: State.STOPPING,
};

function stateOf(state: ProcessState): State {
  return STATES[state];
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
