import type { IncomingHttpHeaders } from 'node:http';
import { contextFrom, type Span, type TraceContext, traceHeaders } from '#kit/runtime/telemetry.ts';
import { type Fields, metadataOf } from './metadata.ts';
import type { RequestHead } from './protocols.ts';

/** Returns the headers for the service: metadata of the client, trace context (of `span` if set), and gRPC headers. */
export function requestHeaders(client: IncomingHttpHeaders, head: RequestHead, span: Span | undefined): Fields {
  return Object.assign(metadataOf(client), traceHeaders(span), grpcHeaders(head));
}

/** Returns the trace context of the client. */
export function traceOf(client: IncomingHttpHeaders): TraceContext {
  const trace: Record<string, string> = {};
  for (const name of ['traceparent', 'tracestate']) {
    const value = client[name];
    if (typeof value === 'string') trace[name] = value;
  }
  return contextFrom(trace);
}

function grpcHeaders({ timeoutMs, compression }: RequestHead): Fields {
  const headers: Fields = {
    'content-type': 'application/grpc+proto',
    te: 'trailers',
    'grpc-accept-encoding': compression.response === undefined ? 'identity' : `identity,${compression.response}`,
  };
  if (compression.request !== undefined) headers['grpc-encoding'] = compression.request;
  if (timeoutMs !== undefined) headers['grpc-timeout'] = grpcTimeout(timeoutMs);
  return headers;
}

/** Eight digits and a unit at most (gRPC over HTTP/2). */
function grpcTimeout(milliseconds: number): string {
  const units = [
    ['m', 1],
    ['S', 1000],
    ['M', 60_000],
  ] as const;
  for (const [unit, length] of units) {
    const count = Math.ceil(milliseconds / length);
    if (count < 1e8) return `${count}${unit}`;
  }
  return `${Math.min(99_999_999, Math.ceil(milliseconds / 3_600_000))}H`;
}
