import { status } from '@grpc/grpc-js';
import { type Attributes, type Context, context, isSpanContextValid, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { toRpcError } from '../rpc/errors.ts';
import { contextFrom, continuedContext, fromSpanContext, passedContext, type TraceContext, toSpanContext } from './trace-context.ts';

export { contextFrom, type TraceContext } from './trace-context.ts';
export { type Span, SpanKind };

const tracer = trace.getTracer('rentmesh.kit');

/** Whether the process makes spans. If not, it passes trace contexts on as text. */
let records = true;

/**
 * Starts tracing for the process. Its spans have this `service.name` and go to `endpoint` by OTLP over
 * gRPC. Without an endpoint no span is made, but every call and event still has a trace context,
 * received or new, which logs, outgoing calls and events carry.
 *
 * Returns a function that sends the last spans and stops.
 */
export async function startTelemetry(serviceName: string, endpoint: string | undefined): Promise<() => Promise<void>> {
  records = endpoint !== undefined;
  if (endpoint === undefined) return async () => {};
  // Loaded only where spans are exported: the libraries take time and memory.
  const { exportSpans } = await import('./span-export.ts');
  return exportSpans(serviceName, endpoint);
}

/** The options of a span. `parent`: the trace context that it continues, by default the active one. */
export interface SpanOptions {
  readonly kind: SpanKind;
  readonly attributes: Attributes;
  readonly parent?: TraceContext;
}

/** Runs work in a new active span, which ends with the work. A rejection marks the span as failed. */
export async function inSpan<T>(name: string, options: SpanOptions, work: () => Promise<T>): Promise<T> {
  if (!records) return await passedContext.run(continuedContext(options.parent), work);
  return await within(name, options, async (span) => {
    try {
      return await work();
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : String(error) });
      throw error;
    }
  });
}

/** Runs an outgoing or incoming call in a new span with the status of the call. Rejects with RpcError. */
export async function inCallSpan<T>(rpc: string, options: SpanOptions, work: () => Promise<T>): Promise<T> {
  if (!records) return await passing(options.parent, work);
  return await within(rpc, options, async (span) => {
    try {
      const answer = await work();
      setSpanStatus(span, options.kind, status.OK, '');
      return answer;
    } catch (error) {
      const rpcError = toRpcError(error);
      setSpanStatus(span, options.kind, rpcError.code, rpcError.message);
      throw rpcError;
    }
  });
}

async function passing<T>(parent: TraceContext | undefined, work: () => Promise<T>): Promise<T> {
  try {
    return await passedContext.run(continuedContext(parent), work);
  } catch (error) {
    throw toRpcError(error);
  }
}

async function within<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T> {
  const span = startSpan(name, options);
  try {
    return await context.with(trace.setSpan(contextOf(options.parent), span), () => work(span));
  } finally {
    span.end();
  }
}

/** Returns whether spans are exported. Attributes of spans that are not exported need not be built. */
export function isRecording(): boolean {
  return records;
}

/** Starts a span that the caller ends. If nothing is recorded, the span stands for its parent. */
export function startSpan(name: string, { kind, attributes, parent }: SpanOptions): Span {
  if (records) return tracer.startSpan(name, { kind, attributes }, contextOf(parent));
  const continued = toSpanContext(continuedContext(parent));
  // A continued context is valid.
  return continued === undefined ? tracer.startSpan(name) : trace.wrapSpanContext(continued);
}

/** The statuses that report a failure of the server. The others are about the request. */
const SERVER_FAILURES: ReadonlySet<status> = new Set([
  status.UNKNOWN,
  status.DEADLINE_EXCEEDED,
  status.UNIMPLEMENTED,
  status.INTERNAL,
  status.UNAVAILABLE,
  status.DATA_LOSS,
]);

/**
 * Sets the status of a call's span by OpenTelemetry's semantic conventions for gRPC: for a client, every status but OK is an error;
 * for a server, only `SERVER_FAILURES` are.
 */
export function setSpanStatus(span: Span, kind: SpanKind, code: status, message: string): void {
  const name = status[code] ?? String(code);
  span.setAttribute('rpc.response.status_code', name);
  if (code === status.OK || (kind === SpanKind.SERVER && !SERVER_FAILURES.has(code))) return;
  span.setAttribute('error.type', name);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}

/** Runs work in the trace context of text headers. */
export function inContextFrom<R>(headers: Readonly<Record<string, string>>, work: () => R): R {
  const parent = contextFrom(headers);
  return records ? context.with(contextOf(parent), work) : passedContext.run(continuedContext(parent), work);
}

/** Returns the headers that pass a span on; without one, the active trace context. */
export function traceHeaders(span?: Span): Readonly<Record<string, string>> {
  if (!records && span === undefined) return { ...passedContext.getStore() };
  const spanContext = span?.spanContext() ?? trace.getSpanContext(context.active());
  return spanContext === undefined || !isSpanContextValid(spanContext) ? {} : fromSpanContext(spanContext);
}

function contextOf(parent: TraceContext | undefined): Context {
  const spanContext = parent === undefined ? undefined : toSpanContext(parent);
  return spanContext === undefined ? context.active() : trace.setSpanContext(context.active(), spanContext);
}
