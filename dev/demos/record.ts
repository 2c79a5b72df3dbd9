import { shortName } from '../systems/identity.ts';
import { quantile } from '../terminal/quantile.ts';
import type { Replica } from './replica.ts';
import type { DemoSample, Traffic } from './traffic.ts';
import { type Answer, OUTCOMES, type Outcome } from './users.ts';

/** A phase that was played, on the clock of performance.now(). */
export interface PlayedPhase {
  readonly name: string;
  readonly start: number;
  /** Infinity until it ends. */
  readonly end: number;
}

/** A second of a demonstration: the answers that came in it, and the mesh meanwhile. */
export interface DemoSecond extends Readonly<Record<Outcome, number>> {
  readonly phase: string;
  /** Times of successful calls in milliseconds; undefined without any. */
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
  readonly refusedP99Ms: number | undefined;
  /** Retries of the front's sidecars. */
  readonly retries: number;
  /** Circuits that were open at some moment: `edge → rentcar/reservation/reserve`. */
  readonly openCircuits: readonly string[];
  readonly replicas: readonly ReplicaSecond[];
  /** Content of the demonstration's own column. */
  readonly extra: string;
}

/** A replica of the callee within a second. */
export interface ReplicaSecond {
  readonly name: string;
  /** Calls that it got. */
  readonly sent: number;
  /** Whether a caller ejected it at some moment. */
  readonly ejected: boolean;
}

/** The record of a demonstration: answers, counters and phases. */
export class DemoRecord {
  /** Every answer so far, in the order of their arrival. */
  readonly answers: readonly Answer[];
  readonly samples: DemoSample[] = [];
  readonly #phases: { name: string; start: number; end: number }[] = [];
  /** The replicas of the callee, named within their system. */
  readonly callees: readonly Replica[];
  /** The first moment. */
  readonly start = performance.now();

  /** @param callees the replicas whose traffic a second shows */
  constructor(answers: readonly Answer[], callees: readonly Replica[]) {
    this.answers = answers;
    // A column has no room for the name of the system.
    this.callees = callees.map(({ name, address }) => ({ name: shortName(name), address }));
  }

  /** Begins a phase. @returns a function that ends the phase */
  begin(name: string): () => void {
    const phase = { name, start: performance.now(), end: Number.POSITIVE_INFINITY };
    this.#phases.push(phase);
    return () => {
      phase.end = performance.now();
    };
  }

  /** Returns a phase. @throws RangeError if it was not played */
  phase(name: string): PlayedPhase {
    const found = this.#phases.find((phase) => phase.name === name);
    if (found === undefined) throw new RangeError(`there was no phase ${name}`);
    return found;
  }

  /** Returns the answers to requests that were sent within a phase, whenever they came. */
  answersOf(phase: string, outcome?: Outcome): Answer[] {
    const { start, end } = this.phase(phase);
    return this.answers.filter((answer) => answer.start >= start && answer.start < end && (outcome ?? answer.outcome) === answer.outcome);
  }

  /** Returns the first sample at or after a moment, or the last one. */
  sampleAt(moment: number): DemoSample | undefined {
    return this.samples.find(({ at }) => at >= moment) ?? this.samples.at(-1);
  }

  /** Returns how much a counter grew between two moments. */
  grown(of: (sample: DemoSample) => number, from: number, to: number): number {
    const [first, last] = [this.sampleAt(from), this.sampleAt(to)];
    return first === undefined || last === undefined ? 0 : of(last) - of(first);
  }

  /** Sums up the time between two moments. @param tolerance half the time between two samples, in milliseconds */
  between(from: number, to: number, tolerance: number, extra: string): DemoSecond {
    const answers = this.answers.filter(({ start, took }) => start + took >= from && start + took < to);
    const times = (outcome: Outcome) => answers.filter((answer) => answer.outcome === outcome).map(({ took }) => took);
    const counts = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, times(outcome).length])) as Record<Outcome, number>;
    const before = this.samples.findLast(({ at }) => at < from + tolerance) ?? this.samples[0];
    const within = this.samples.filter(({ at }) => at >= from && at < to + tolerance);
    const after = within.at(-1) ?? before;
    const grown = (of: (traffic: Traffic) => number) => (before && after ? of(after.traffic) - of(before.traffic) : 0);
    const phase = this.#phases.findLast(({ start }) => start < to - tolerance) ?? this.#phases[0];
    return {
      ...counts,
      phase: phase?.name ?? '',
      p50Ms: quantileOf(times('succeeded'), 0.5),
      p99Ms: quantileOf(times('succeeded'), 0.99),
      refusedP99Ms: quantileOf(times('refused'), 0.99),
      retries: grown(({ retries }) => retries),
      openCircuits: openCircuits(before, within),
      replicas: this.callees.map(({ name, address }) => ({
        name,
        sent: grown(({ replicas }) => replicas.get(address)?.sent ?? 0),
        ejected: within.some(({ traffic }) => traffic.replicas.get(address)?.ejected === true),
      })),
      extra,
    };
  }
}

/** Names the circuits that were open at a sample, or refused calls since the one before. */
function openCircuits(before: DemoSample | undefined, within: readonly DemoSample[]): string[] {
  const open = within.flatMap(({ door, traffic }, index) => {
    const last = within[index - 1] ?? before;
    return [door, traffic].flatMap(({ circuits }, side) =>
      [...circuits].flatMap(([name, { allEjected, refused }]) => {
        const refusedBefore = (side === 0 ? last?.door : last?.traffic)?.circuits.get(name)?.refused ?? refused;
        return allEjected || refused > refusedBefore ? [name] : [];
      }),
    );
  });
  return [...new Set(open)];
}

function quantileOf(values: readonly number[], share: number): number | undefined {
  return values.length === 0 ? undefined : quantile(values, share);
}
