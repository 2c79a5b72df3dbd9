import { AsyncLocalStorage } from 'node:async_hooks';
import { TraceFlags } from '@opentelemetry/api';
import { parseTraceParent } from '@opentelemetry/core';
import { RandomIdGenerator } from '@opentelemetry/sdk-trace-node';

/** W3C trace context headers. */
export interface TraceContext {
  readonly traceparent?: string;
  readonly tracestate?: string;
}

/**
 * The trace context of the running call or event in a process that records no spans: the headers pass
 * through as they came, without any object of OpenTelemetry.
 */
export const passedContext = new AsyncLocalStorage<TraceContext>();

const ids = new RandomIdGenerator();

/** Returns the context to continue: `parent` if it is valid, else the active one, else a new one. */
export function continuedContext(parent: TraceContext | undefined): TraceContext {
  if (parent?.traceparent !== undefined && parseTraceParent(parent.traceparent) !== null) return parent;
  return passedContext.getStore() ?? newContext();
}

/** Picks the trace context out of text headers. An empty tracestate is left out, as W3C asks. */
export function contextFrom({ traceparent, tracestate }: Readonly<Record<string, string>>): TraceContext {
  if (traceparent === undefined) return {};
  return tracestate === undefined || tracestate === '' ? { traceparent } : { traceparent, tracestate };
}

/** The ids of a trace context; undefined if it has none. */
export function idsOf({ traceparent }: TraceContext): { readonly traceId: string; readonly spanId: string } | undefined {
  const parsed = traceparent === undefined ? null : parseTraceParent(traceparent);
  return parsed === null ? undefined : { traceId: parsed.traceId, spanId: parsed.spanId };
}

function newContext(): TraceContext {
  const flags = TraceFlags.NONE.toString(16).padStart(2, '0');
  return { traceparent: `00-${ids.generateTraceId()}-${ids.generateSpanId()}-${flags}` };
}
