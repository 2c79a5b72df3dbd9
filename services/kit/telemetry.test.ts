import { context, isSpanContextValid, trace } from '@opentelemetry/api';
import { beforeAll, describe, expect, it } from 'vitest';
import { contextFrom, contextOf, inSpan, SpanKind, startTelemetry, traceHeaders } from './telemetry.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const options = { kind: SpanKind.SERVER, attributes: {} };
const active = () => trace.getSpanContext(context.active());

describe('tracing without a collector', () => {
  beforeAll(async () => {
    await startTelemetry('shop.order', undefined);
  });

  it('begins a trace where none came, which everything within belongs to', async () => {
    const within = await inSpan('outer', options, async () => {
      const outer = active();
      const inner = await inSpan('inner', options, async () => active());
      return { outer, inner, headers: traceHeaders() };
    });
    expect(within.outer && isSpanContextValid(within.outer)).toBe(true);
    expect(within.inner?.traceId).toBe(within.outer?.traceId);
    expect(within.headers.traceparent).toContain(within.outer?.traceId);
    expect(await inSpan('another', options, async () => active()?.traceId)).not.toBe(within.outer?.traceId);
  });

  it('passes a trace that came on', async () => {
    const parent = contextFrom({ traceparent: `00-${TRACE_ID}-00f067aa0ba902b7-01` });
    const headers = await inSpan('outer', { ...options, parent }, async () => traceHeaders());
    expect(headers.traceparent).toContain(TRACE_ID);
  });

  it('passes a state of the trace on, unless it is empty', async () => {
    const passedOn = async (tracestate: string) => {
      const carrier = new Map([
        ['traceparent', [`00-${TRACE_ID}-00f067aa0ba902b7-01`]],
        ['tracestate', [tracestate]],
      ]);
      const parent = contextOf(carrier, { get: (fields, key) => fields.get(key), keys: (fields) => [...fields.keys()] });
      return await inSpan('outer', { ...options, parent }, async () => traceHeaders().tracestate);
    };
    expect(await passedOn('shop=1')).toBe('shop=1');
    expect(await passedOn('')).toBeUndefined();
  });

  it('rejects with what the work rejects with', async () => {
    await expect(inSpan('outer', options, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  });
});
