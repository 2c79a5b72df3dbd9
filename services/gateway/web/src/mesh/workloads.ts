import { type Mesh, type Replica, State, type Workload } from '#proto/es/rentmesh/observer/v1/observer_pb.ts';

/** The health of a replica. */
export type Health = 'ready' | 'ejected' | 'starting' | 'away';

/** A replica as it is shown. */
export interface ShownReplica {
  readonly name: string;
  readonly health: Health;
  /** `ready`, `ejected by orders`, `being started again`. */
  readonly words: string;
  /** The state of the sidecar in words. Empty if ready. */
  readonly sidecar: string;
  /** Incoming calls per second, and calls in flight. */
  readonly calls: number;
  readonly inFlight: number;
  readonly restarts: number;
}

/** A workload as it is shown. */
export interface ShownWorkload {
  readonly name: string;
  readonly replicas: readonly ShownReplica[];
  /** The database, as `PostgreSQL`. Empty without one. */
  readonly store: string;
}

const STATES: Readonly<Record<State, string>> = {
  [State.STATE_UNSPECIFIED]: 'unknown',
  [State.STOPPED]: 'stopped',
  [State.STARTING]: 'starting',
  [State.READY]: 'ready',
  [State.BACKING_OFF]: 'being started again',
  [State.STOPPING]: 'stopping',
};

/** A process's state in words. */
export function stateInWords(state: State): string {
  return STATES[state];
}

/** The boxes of the picture. */
export function shownWorkloads(mesh: Mesh): ShownWorkload[] {
  return mesh.workloads.map(({ name, replicas, store }) => ({
    name,
    replicas: replicas.map((replica) => shownReplica(mesh, name, replica)),
    store: mesh.engines.find((engine) => engine.name === store)?.title ?? '',
  }));
}

function shownReplica({ calls, seconds }: Mesh, workload: Workload['name'], replica: Replica): ShownReplica {
  const { name, state, sidecarState, sidecarAnswers, inFlight, restarts } = replica;
  const ejectors = calls.filter(
    (call) => call.callee === workload && call.destinations.some((destination) => destination.name === name && destination.ejected),
  );
  const isReady = state === State.READY;
  const health: Health = isReady ? (ejectors.length > 0 ? 'ejected' : 'ready') : state === State.STARTING ? 'starting' : 'away';
  return {
    name,
    health,
    words: health === 'ejected' ? `ejected by ${[...new Set(ejectors.map(({ caller }) => caller))].join(', ')}` : STATES[state],
    sidecar: sidecarState !== State.READY ? STATES[sidecarState] : sidecarAnswers ? '' : 'does not answer',
    calls: seconds > 0 ? replica.calls / seconds : 0,
    inFlight,
    restarts,
  };
}
