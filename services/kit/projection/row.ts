import { type Progress, type ProjectionSpec, type Row, type Shape, shortName, sourcesOf } from './spec.ts';

/** What MongoDB stores for a row. Besides these fields it has one for each source and one for each detail. */
export interface StoredRow {
  readonly _id: string;
  /** When the server last stored an event of the row, by the server's clock. */
  readonly applyTime: Date;
  readonly status?: number;
  /** Per event, when it first happened: negated milliseconds since 1970, so that `$max` keeps the earliest. */
  readonly times?: Readonly<Record<string, number>>;
  /** Fields of which the highest version counts. */
  readonly latest?: Readonly<Record<string, LatestValue>>;
}

/**
 * The newest change of one source. Updates keep the greatest by `$max`, and MongoDB compares documents field by field:
 * the higher version wins. Of one version the earliest time wins, so an event that is published again changes nothing.
 */
export interface SourceChange {
  readonly version: number;
  /** Negated milliseconds since 1970 when the change happened. */
  readonly negatedTime: number;
}

/** A value with the version that set it. */
export interface LatestValue {
  readonly version: number;
  readonly value: string | number | boolean | Date;
}

/** Returns whether some number of a progress is greater. */
export function isNewer(one: Progress, other: Progress): boolean {
  return one.some((number, index) => number > (other[index] ?? 0));
}

/** Returns a progress as a resume token, such as `2-1`. */
export function toResumeToken(progress: Progress): string {
  return progress.join('-');
}

/** Returns the progress of a resume token. An empty token is before every row. */
export function fromResumeToken(token: string): Progress {
  return token === '' ? [] : token.split('-').map(Number);
}

/** Returns the function that reads stored rows of a projection. */
export function rowReader<T extends Shape>(spec: ProjectionSpec<T>): (stored: StoredRow) => Row<T> {
  const { events, history = false } = spec;
  const sources = sourcesOf(events);
  return (stored) => {
    const { _id, applyTime: _, status, times = {}, latest = {}, ...fields } = stored;
    // Fields that are no detail are named after sources and hold their changes.
    const others = fields as Readonly<Record<string, unknown>>;
    const changes = sources.map((source) => others[source] as SourceChange | undefined);
    const details = Object.entries(others).filter(([name]) => !sources.includes(name));
    const newest = Object.entries(latest).map(([name, { value }]) => [name, value] as const);
    const happened = events.flatMap((rule) => {
      const negated = times[shortName(rule)];
      return negated === undefined ? [] : [{ name: shortName(rule), status: rule.status, time: new Date(-negated) }];
    });
    const versions = changes.map((change) => change?.version ?? 0);
    return {
      key: _id,
      // Events wrote statuses and details of the shape.
      status: (status ?? 0) as T['status'],
      details: Object.fromEntries([...details, ...newest]) as Partial<T['details']>,
      updateTime: new Date(Math.max(...changes.flatMap((change) => (change === undefined ? [] : -change.negatedTime)))),
      times: new Map(happened.map(({ name, time }) => [name, time])),
      states: statesOf(happened),
      progress: history ? [...versions, happened.length] : versions,
    };
  };
}

/** Returns each status once, by rank, with the earliest time. */
function statesOf<S extends number>(
  happened: readonly { readonly status: S | undefined; readonly time: Date }[],
): { status: S; time: Date }[] {
  const earliest = new Map<S, Date>();
  for (const { status, time } of happened) {
    if (status === undefined) continue;
    const other = earliest.get(status);
    if (other === undefined || time < other) earliest.set(status, time);
  }
  return [...earliest].sort(([one], [other]) => one - other).map(([status, time]) => ({ status, time }));
}
