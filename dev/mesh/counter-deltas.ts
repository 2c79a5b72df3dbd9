import type { Bucket, ClusterSample, ReplicaSample } from './stats.ts';

/** One limit. */
export interface Level {
  /** Undefined if there is none. */
  readonly limit: number | undefined;
  /** What is left now; undefined if there is no limit. */
  readonly left: number | undefined;
  /** Nothing is left: one more is refused. */
  readonly isOpen: boolean;
}

/** The growth of the counters of one sidecar for a service between two samples. */
export class CounterDelta {
  readonly now: ClusterSample;
  readonly #before: ClusterSample | undefined;

  constructor(now: ClusterSample, earlier: ClusterSample | undefined) {
    const total = (sample: ClusterSample | undefined) => sample?.values.get('upstream_rq_total') ?? 0;
    this.now = now;
    // A counter that shrank: the sidecar restarted between the samples.
    this.#before = total(now) >= total(earlier) ? earlier : undefined;
  }

  value(name: string): number {
    return this.now.values.get(name) ?? 0;
  }

  grown(name: string): number {
    return Math.max(0, this.value(name) - (this.#before?.values.get(name) ?? 0));
  }

  get times(): Bucket[] {
    return difference(this.now.times, this.#before?.times ?? []);
  }
}

/** The counters of a group of sidecars together. */
export class CounterDeltas {
  readonly #deltas: readonly CounterDelta[];

  constructor(deltas: readonly CounterDelta[]) {
    this.#deltas = deltas;
  }

  value(name: string): number {
    return this.#deltas.reduce((sum, delta) => sum + delta.value(name), 0);
  }

  grown(name: string): number {
    return this.#deltas.reduce((sum, delta) => sum + delta.grown(name), 0);
  }

  get times(): Bucket[] {
    const bars = this.#deltas.flatMap((delta) => delta.times);
    return [...Map.groupBy(bars, ({ from }) => from).values()].flatMap(([first, ...more]) =>
      first ? [{ ...first, count: more.reduce((sum, { count }) => sum + count, first.count) }] : [],
    );
  }

  get counters(): Set<string> {
    return new Set(this.#deltas.flatMap(({ now }) => [...now.values.keys()]));
  }

  /** One limit, in the sidecar that has the least left. */
  level(of: keyof ClusterSample['limits'], remaining: string, open: string): Level {
    const levels = this.#deltas.map((delta) => {
      const limit = delta.now.limits[of];
      const left = limit === undefined ? undefined : (delta.now.values.get(`circuit_breakers.default.${remaining}`) ?? limit);
      return { limit, left, isOpen: delta.value(`circuit_breakers.default.${open}`) === 1 };
    });
    const least = levels.reduce((a, b) => ((b.left ?? Number.POSITIVE_INFINITY) < (a.left ?? Number.POSITIVE_INFINITY) ? b : a));
    return { ...least, isOpen: levels.some(({ isOpen }) => isOpen) };
  }

  get allEjected(): boolean {
    return this.#deltas.some(({ now: { replicas } }) => replicas.length > 0 && replicas.every(({ ejected }) => ejected));
  }

  /** The replicas that are called, each as all sidecars have seen it; ejected if it is by one of them. */
  get replicas(): ReplicaSample[] {
    const seen = this.#deltas.flatMap(({ now }) => now.replicas);
    return [...Map.groupBy(seen, ({ name }) => name)].map(([name, samples]) => ({
      name,
      ejected: samples.some(({ ejected }) => ejected),
      calls: samples.reduce((sum, { calls }) => sum + calls, 0),
      failures: samples.reduce((sum, { failures }) => sum + failures, 0),
    }));
  }
}

function difference(now: readonly Bucket[], before: readonly Bucket[]): Bucket[] {
  const earlier = new Map(before.map(({ from, count }) => [from, count]));
  return now.map((bucket) => ({ ...bucket, count: bucket.count - (earlier.get(bucket.from) ?? 0) })).filter(({ count }) => count > 0);
}

/** The value below which a share of the counts lies; within a bar they are taken as spread evenly. Undefined without counts. */
export function quantile(buckets: readonly Bucket[], share: number): number | undefined {
  const sorted = [...buckets].sort((a, b) => a.from - b.from);
  const wanted = share * sorted.reduce((sum, { count }) => sum + count, 0);
  let below = 0;
  for (const { from, width, count } of sorted) {
    if (below + count >= wanted) return from + (width * (wanted - below)) / count;
    below += count;
  }
  return undefined;
}
