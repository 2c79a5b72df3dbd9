import type { Call, Mesh } from '#proto/es/rentmesh/observer/v1/observer_pb.ts';

/** Counters of calls. Rates are per second. */
export interface Figures {
  readonly calls: number;
  readonly failed: number;
  /** Success rate, 0 to 1. Undefined without calls. */
  readonly success: number | undefined;
  readonly retries: number;
  /** Calls refused by the caller's sidecar: a limit was reached, or all replicas were ejected. */
  readonly refused: number;
  readonly timeouts: number;
  readonly inFlight: number;
  /** Milliseconds. Of several parts the slowest. */
  readonly p50: number | undefined;
  readonly p99: number | undefined;
}

/** All calls from one workload to another, drawn as one line. */
export interface Link extends Figures {
  /** `edge→stock`. */
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** The calls to each subset. */
  readonly parts: readonly Part[];
  /** A circuit of one part is open. */
  readonly isOpen: boolean;
  /** Replicas that one part has ejected. */
  readonly ejected: readonly string[];
  /** A call was made. False: the calls are only declared. */
  readonly isUsed: boolean;
  /** The callable methods, in the order of the parts. */
  readonly methods: readonly string[];
}

/** The calls from one workload to a subset of another, or to the whole. */
export interface Part extends Figures {
  /** `edge → orders, place`. */
  readonly name: string;
  readonly call: Call;
}

/** The lines of the picture, in a stable order. */
export function linksOf({ calls, seconds }: Pick<Mesh, 'calls' | 'seconds'>): Link[] {
  const groups = Map.groupBy(calls, ({ caller, callee }) => `${caller}→${callee}`);
  return [...groups].flatMap(([id, group]) => {
    const [first] = group;
    if (first === undefined) return [];
    const parts = group.map((call) => ({ name: nameOf(call), call, ...figuresOf([call], seconds) }));
    return [
      {
        id,
        from: first.caller,
        to: first.callee,
        parts,
        ...figuresOf(group, seconds),
        isOpen: group.some(({ circuit }) => circuit?.open === true),
        ejected: [...new Set(group.flatMap(({ destinations }) => destinations.filter(({ ejected }) => ejected).map(({ name }) => name)))],
        isUsed: group.some(({ used }) => used),
        methods: group.flatMap(({ methods }) => methods),
      },
    ];
  });
}

/** `edge → orders`, or with a subset `edge → orders, place`. */
export function nameOf({ caller, callee, subset }: Pick<Call, 'caller' | 'callee' | 'subset'>): string {
  return `${caller} → ${callee}${subset === '' ? '' : `, ${subset}`}`;
}

function figuresOf(calls: readonly Call[], seconds: number): Figures {
  const rate = (of: (call: Call) => number) => (seconds > 0 ? sum(calls, of) / seconds : 0);
  const [answered, successes] = [sum(calls, ({ calls }) => calls), sum(calls, ({ successes }) => successes)];
  return {
    calls: rate(({ calls }) => calls),
    failed: rate(({ calls, successes }) => calls - successes),
    success: answered > 0 ? successes / answered : undefined,
    retries: rate(({ retries }) => retries),
    refused: rate(({ refused, noReplica }) => refused + noReplica),
    timeouts: rate(({ timeouts }) => timeouts),
    inFlight: sum(calls, ({ inFlight }) => inFlight),
    p50: slowest(calls.map(({ p50Ms }) => p50Ms)),
    p99: slowest(calls.map(({ p99Ms }) => p99Ms)),
  };
}

function sum(calls: readonly Call[], of: (call: Call) => number): number {
  return calls.reduce((total, call) => total + of(call), 0);
}

function slowest(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length > 0 ? Math.max(...known) : undefined;
}

/** The limit that opened a circuit, in words. */
const REASONS: Readonly<Record<string, string>> = {
  'all ejected': 'every replica is ejected',
  'all were ejected': 'every replica was ejected a moment ago',
  'a limit was reached': 'a limit was reached a moment ago',
  calls: 'as many calls as allowed are under way',
  waiting: 'as many calls as allowed wait for a connection',
  retries: 'as many retries as allowed are under way',
  connections: 'as many connections as allowed are open',
};

/** Why a circuit is open, in words. */
export function reasonInWords({ circuit }: Pick<Call, 'circuit'>): string {
  return (circuit?.reasons ?? []).map((reason) => REASONS[reason] ?? reason).join(', ');
}
