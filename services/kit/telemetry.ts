import { status } from '@grpc/grpc-js';
import {
  type Attributes,
  type Context,
  context,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TextMapGetter,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider, RandomIdGenerator } from '@opentelemetry/sdk-trace-node';
import { toRpcError } from './errors.ts';

export { type Context, type Span, SpanKind };

/** Makes the spans of the process. */
let tracer: Pick<Tracer, 'startSpan'> = trace.getTracer('rentmesh.kit');

let recording = false;

const ids = new RandomIdGenerator();

/** Makes spans of which nothing is kept: each stands for its parent, so that a trace is passed on as it came, and begins one where none came. */
const passing: typeof tracer = {
  startSpan(_name, _options, parent = context.active()) {
    const begun = () => ({ traceId: ids.generateTraceId(), spanId: ids.generateSpanId(), traceFlags: TraceFlags.NONE });
    return trace.wrapSpanContext(trace.getSpanContext(parent) ?? begun());
  },
};

/**
 * Starts tracing for the process. Spans go to `endpoint` by OTLP over gRPC; without one nothing is recorded, but a trace context is still made
 * where none came and passed on, so that logs and events of one request have the same trace id.
 *
 * Returns what sends the last spans and stops.
 */
export async function startTelemetry(service: string, endpoint: string | undefined): Promise<() => Promise<void>> {
  const resource = resourceFromAttributes({ 'service.name': service });
  const spanProcessors = endpoint === undefined ? [] : [new BatchSpanProcessor(await exporter(endpoint))];
  const provider = new NodeTracerProvider({ resource, spanProcessors });
  provider.register({ propagator: new W3CTraceContextPropagator() });
  if (endpoint === undefined) tracer = passing;
  recording = endpoint !== undefined;
  return () => provider.shutdown();
}

async function exporter(url: string) {
  // Loaded only where it is used: it takes a noticeable part of the start.
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-grpc');
  return new OTLPTraceExporter({ url });
}

/** What a span is about. `parent`: the context it continues, by default the active one. */
export interface SpanOptions {
  readonly kind: SpanKind;
  readonly attributes: Attributes;
  readonly parent?: Context;
}

/** Runs work inside a new span, which is the active one meanwhile, and ends the span with the work. A rejection marks it failed. */
export async function inSpan<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T> {
  return await within(name, options, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : String(error) });
      throw error;
    }
  });
}

/** As inSpan, for a call that is made or answered: the span tells its status. Rejects with RpcError. */
export async function inCallSpan<T>(rpc: string, options: SpanOptions, work: () => Promise<T>): Promise<T> {
  return await within(rpc, options, async (span) => {
    try {
      const answer = await work();
      tellStatus(span, options.kind, status.OK, '');
      return answer;
    } catch (error) {
      const rpcError = toRpcError(error);
      tellStatus(span, options.kind, rpcError.code, rpcError.message);
      throw rpcError;
    }
  });
}

async function within<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T> {
  const span = startSpan(name, options);
  try {
    return await context.with(trace.setSpan(options.parent ?? context.active(), span), () => work(span));
  } finally {
    span.end();
  }
}

/** Whether spans are exported. Attributes of spans that are not need not be built. */
export function isRecording(): boolean {
  return recording;
}

/** Starts a span that the caller ends. */
export function startSpan(name: string, { kind, attributes, parent = context.active() }: SpanOptions): Span {
  return tracer.startSpan(name, { kind, attributes }, parent);
}

/** The statuses by which a server tells of a failure of its own; the others are about the request. */
const SERVER_FAILURES: ReadonlySet<status> = new Set([
  status.UNKNOWN,
  status.DEADLINE_EXCEEDED,
  status.UNIMPLEMENTED,
  status.INTERNAL,
  status.UNAVAILABLE,
  status.DATA_LOSS,
]);

/**
 * Tells in a span how its call has ended, as OpenTelemetry's semantic conventions for gRPC want it: for whoever makes a call everything but OK
 * is an error, for whoever answers it only what is a failure of its own.
 */
export function tellStatus(span: Span, kind: SpanKind, code: status, message: string): void {
  const name = status[code] ?? String(code);
  span.setAttribute('rpc.response.status_code', name);
  if (code === status.OK || (kind === SpanKind.SERVER && !SERVER_FAILURES.has(code))) return;
  span.setAttribute('error.type', name);
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}

/** The context that text headers carry (W3C traceparent and tracestate), on top of the active one. */
export function contextFrom(headers: Readonly<Record<string, string>>): Context {
  return propagation.extract(context.active(), headers);
}

/** Runs work in the context that text headers carry. */
export function inContextFrom<R>(headers: Readonly<Record<string, string>>, work: () => R): R {
  return context.with(contextFrom(headers), work);
}

/** The context that a carrier of another shape carries. */
export function contextOf<C>(carrier: C, getter: TextMapGetter<C>): Context {
  return propagation.extract(context.active(), carrier, getter);
}

/** The headers that pass a span (or, without one, the active context) on. */
export function traceHeaders(span?: Span): Record<string, string> {
  const headers: Record<string, string> = {};
  propagation.inject(span === undefined ? context.active() : trace.setSpan(context.active(), span), headers);
  // Envoy sends it where there is none; W3C asks not to pass it on.
  if (headers.tracestate === '') delete headers.tracestate;
  return headers;
}
