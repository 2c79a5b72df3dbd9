import { AsyncLocalStorage } from 'node:async_hooks';
import { createTraceState, type SpanContext } from '@opentelemetry/api';
import { randomBytes } from './ids.ts';

/** W3C trace context headers. */
export interface TraceContext {
  readonly traceparent?: string;
  readonly tracestate?: string;
}

/** https://www.w3.org/TR/trace-context/#traceparent-header. Later versions may append fields; 00 has none. */
const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/**
 * The trace context of the running call or event in a process that records no spans: the headers pass
 * through as they came, without any object of OpenTelemetry.
 */
export const passedContext = new AsyncLocalStorage<TraceContext>();

/** Returns the context to continue: `parent` if it is valid, else the active one, else a new one. */
export function continuedContext(parent: TraceContext | undefined): TraceContext {
  if (parent !== undefined && idsOf(parent) !== undefined) return parent;
  return passedContext.getStore() ?? newContext();
}

/** Returns the trace context of text headers, without an empty tracestate (W3C). */
export function contextFrom({ traceparent, tracestate }: Readonly<Record<string, string>>): TraceContext {
  if (traceparent === undefined) return {};
  return tracestate === undefined || tracestate === '' ? { traceparent } : { traceparent, tracestate };
}

/** The ids and flags of a trace context; undefined if it has none. */
export function idsOf({ traceparent = '' }: TraceContext): SpanContext | undefined {
  const [, version, traceId, spanId, flags, more] = TRACEPARENT.exec(traceparent) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return version === '00' && more !== undefined ? undefined : { traceId, spanId, traceFlags: Number.parseInt(flags, 16) };
}

/** Returns a trace context as OpenTelemetry's context of a remote span; undefined if it is not valid. */
export function toSpanContext(parent: TraceContext): SpanContext | undefined {
  const ids = idsOf(parent);
  if (ids === undefined) return undefined;
  const state = parent.tracestate === undefined ? {} : { traceState: createTraceState(parent.tracestate) };
  return { ...ids, ...state, isRemote: true };
}

/** Returns the headers of a span context. An empty tracestate is left out. */
export function fromSpanContext({ traceId, spanId, traceFlags, traceState }: SpanContext): Readonly<Record<string, string>> {
  const traceparent = `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
  const tracestate = traceState?.serialize() ?? '';
  return tracestate === '' ? { traceparent } : { traceparent, tracestate };
}

function newContext(): TraceContext {
  return { traceparent: `00-${Buffer.from(randomBytes()).toString('hex')}-${Buffer.from(randomBytes()).toString('hex', 0, 8)}-00` };
}
