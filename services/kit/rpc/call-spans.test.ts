import { SpanStatusCode } from '@opentelemetry/api';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inCallSpan, SpanKind } from '../runtime/telemetry.ts';
import { notFound, unavailable } from './errors.ts';

const exporter = new InMemorySpanExporter();
beforeAll(() => new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).register());
beforeEach(() => exporter.reset());

/** Runs a call with this outcome and returns its span. */
async function spanOf(kind: SpanKind, work: () => Promise<unknown>) {
  const attributes = { 'rpc.system.name': 'grpc' };
  const outcome = await inCallSpan('shop.Orders/Get', { kind, attributes }, work).catch((error: unknown) => error);
  const [span] = exporter.getFinishedSpans();
  if (span === undefined) throw new Error('no span has ended');
  return { outcome, span };
}

describe('the span of a call', () => {
  it.each([SpanKind.SERVER, SpanKind.CLIENT])('has OK and no error if the call succeeds (kind %i)', async (kind) => {
    const { outcome, span } = await spanOf(kind, async () => 'an answer');
    expect(outcome).toBe('an answer');
    expect(span.attributes).toEqual({ 'rpc.system.name': 'grpc', 'rpc.response.status_code': 'OK' });
    expect(span.status.code).toBe(SpanStatusCode.UNSET);
  });

  it.each<[string, SpanKind, Error, string, SpanStatusCode]>([
    ['a failure of the server is an error', SpanKind.SERVER, unavailable('STORE_BUSY', 'busy'), 'UNAVAILABLE', SpanStatusCode.ERROR],
    ['an unexpected error is an error', SpanKind.SERVER, new TypeError('x'), 'INTERNAL', SpanStatusCode.ERROR],
    ['a refusal is none of the server', SpanKind.SERVER, notFound('CAR_NOT_FOUND', 'no'), 'NOT_FOUND', SpanStatusCode.UNSET],
    ['a refusal is one of the caller', SpanKind.CLIENT, notFound('CAR_NOT_FOUND', 'no'), 'NOT_FOUND', SpanStatusCode.ERROR],
  ])('has the status: %s', async (_, kind, error, code, expected) => {
    const { outcome, span } = await spanOf(kind, () => Promise.reject(error));
    expect(outcome).toMatchObject({ name: 'RpcError' });
    expect(span.attributes['rpc.response.status_code']).toBe(code);
    expect(span.attributes['error.type']).toBe(expected === SpanStatusCode.ERROR ? code : undefined);
    expect(span.status.code).toBe(expected);
  });
});
