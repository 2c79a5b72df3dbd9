// Jaeger's query API, as docker-compose.yml publishes it.
const JAEGER = 'http://localhost:16686';

/** How far back traces are looked for, in microseconds. */
const LOOKBACK_US = 3600e6;

/** A span as Jaeger shows it. */
export interface Span {
  readonly id: string;
  readonly parent: string | undefined;
  readonly service: string;
  /** Whether an Envoy sent it: one with the name of this service beside it. */
  readonly isProxy: boolean;
  /** client, server, producer or consumer. */
  readonly kind: string;
  readonly operation: string;
  /** Whether it is marked as failed. */
  readonly isError: boolean;
}

/** The spans of one trace. */
export type Trace = readonly Span[];

/** What Jaeger answers, as far as it is read. */
interface Answer {
  readonly data: readonly {
    readonly spans: readonly {
      readonly spanID: string;
      readonly processID: string;
      readonly operationName: string;
      readonly references: readonly { readonly refType: string; readonly spanID: string }[];
      readonly tags: readonly { readonly key: string; readonly value: unknown }[];
    }[];
    readonly processes: Readonly<Record<string, { readonly serviceName: string }>>;
  }[];
}

/** What spans are looked for. */
export interface Wanted {
  readonly service: string;
  readonly operation?: string;
  readonly tags?: Readonly<Record<string, string>>;
}

/** The traces that have such a span, each with all its spans. */
export async function tracesWith({ service, operation, tags }: Wanted): Promise<Trace[]> {
  const now = Date.now() * 1000;
  const wanted = { service, ...(operation && { operation }), ...(tags && { tags: JSON.stringify(tags) }) };
  const query = { ...wanted, start: String(now - LOOKBACK_US), end: String(now), limit: '20' };
  const { data } = await ask<Answer>(`/api/traces?${new URLSearchParams(query)}`);
  return data.map(({ spans, processes }) =>
    spans.map(({ spanID, processID, operationName, references, tags }) => {
      const tag = (name: string) => tags.find(({ key }) => key === name)?.value;
      return {
        id: spanID,
        parent: references.find(({ refType }) => refType === 'CHILD_OF')?.spanID,
        service: processes[processID]?.serviceName ?? '',
        isProxy: tag('component') === 'proxy',
        kind: String(tag('span.kind')),
        operation: operationName,
        isError: String(tag('error')) === 'true',
      };
    }),
  );
}

/** The names under which Jaeger lists the spans of a service. */
export async function operationsOf(service: string): Promise<string[]> {
  const { data } = await ask<{ data: { name: string }[] }>(`/api/operations?${new URLSearchParams({ service })}`);
  return data.map(({ name }) => name);
}

/** Who made a span, and of which kind. */
export const label = ({ service, isProxy, kind }: Span): string => `${service}${isProxy ? ' proxy' : ''} ${kind}`;

/** The spans from the outermost one to this one, by parent. */
export function wayTo(trace: Trace, last: Span): Span[] {
  const parent = trace.find(({ id }) => id === last.parent);
  return parent === undefined ? [last] : [...wayTo(trace, parent), last];
}

async function ask<T>(path: string): Promise<T> {
  const response = await fetch(`${JAEGER}${path}`);
  if (!response.ok) throw new Error(`Jaeger answered ${path} with ${response.status}: ${await response.text()}`);
  // What a path answers is for its caller to know.
  return (await response.json()) as T;
}
