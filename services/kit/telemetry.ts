import {
  type Attributes,
  type Context,
  context,
  propagation,
  type Span,
  type SpanKind,
  SpanStatusCode,
  type TextMapGetter,
  trace,
} from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { AlwaysOffSampler, BatchSpanProcessor, NodeTracerProvider, ParentBasedSampler } from '@opentelemetry/sdk-trace-node';

export { SpanKind } from '@opentelemetry/api';

/**
 * Starts tracing for the process. Spans go to `endpoint` by OTLP over gRPC; without one nothing is recorded that the caller does not
 * record, but a trace context is still made where none came and passed on, so that logs and events of one request have the same trace id.
 *
 * Returns what sends the last spans and stops.
 */
export async function startTelemetry(service: string, endpoint: string | undefined): Promise<() => Promise<void>> {
  const resource = resourceFromAttributes({ 'service.name': service });
  const provider =
    endpoint === undefined
      ? new NodeTracerProvider({ resource, sampler: new ParentBasedSampler({ root: new AlwaysOffSampler() }) })
      : new NodeTracerProvider({ resource, spanProcessors: [new BatchSpanProcessor(await exporter(endpoint))] });
  provider.register({ propagator: new W3CTraceContextPropagator() });
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
export async function inSpan<T>(
  name: string,
  { kind, attributes, parent = context.active() }: SpanOptions,
  work: (span: Span) => Promise<T>,
): Promise<T> {
  const span = tracer().startSpan(name, { kind, attributes }, parent);
  try {
    return await context.with(trace.setSpan(parent, span), () => work(span));
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : String(error) });
    throw error;
  } finally {
    span.end();
  }
}

/** Starts a span that the caller ends. */
export function startSpan(name: string, { kind, attributes, parent = context.active() }: SpanOptions): Span {
  return tracer().startSpan(name, { kind, attributes }, parent);
}

/** The context that text headers carry (W3C traceparent and tracestate), on top of the active one. */
export function contextFrom(headers: Readonly<Record<string, string>>): Context {
  return propagation.extract(context.active(), headers);
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

function tracer() {
  return trace.getTracer('rentmesh.kit');
}
