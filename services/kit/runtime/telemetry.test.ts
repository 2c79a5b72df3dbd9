import { beforeAll, describe, expect, it } from 'vitest';
import { contextFrom, inSpan, SpanKind, startSpan, startTelemetry, traceHeaders } from './telemetry.ts';
import { idsOf } from './trace-context.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const options = { kind: SpanKind.SERVER, attributes: {} };
const active = () => idsOf(contextFrom(traceHeaders()));

describe('tracing without a collector', () => {
  beforeAll(async () => {
    await startTelemetry('order.shop', undefined);
  });

  it('begins a trace where none came, which everything within belongs to', async () => {
    const within = await inSpan('outer', options, async () => {
      const outer = active();
      const inner = await inSpan('inner', options, async () => active());
      return { outer, inner, headers: traceHeaders() };
    });
    expect(within.outer).toBeDefined();
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
      const parent = contextFrom({ traceparent: `00-${TRACE_ID}-00f067aa0ba902b7-01`, tracestate });
      return await inSpan('outer', { ...options, parent }, async () => traceHeaders().tracestate);
    };
    expect(await passedOn('shop=1')).toBe('shop=1');
    expect(await passedOn('')).toBeUndefined();
  });

  it.each(['nonsense', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`, `ff-${TRACE_ID}-00f067aa0ba902b7-01`])(
    'begins another trace in place of an invalid one: %s',
    async (traceparent) => {
      const headers = await inSpan('outer', { ...options, parent: { traceparent } }, async () => traceHeaders());
      expect(headers.traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
      expect(headers.traceparent).not.toContain(TRACE_ID);
    },
  );

  it('lets a span that the caller ends stand for its parent', () => {
    const parent = contextFrom({ traceparent: `00-${TRACE_ID}-00f067aa0ba902b7-01`, tracestate: 'shop=1' });
    expect(traceHeaders(startSpan('outer', { ...options, parent }))).toEqual(parent);
  });

  it('rejects with what the work rejects with', async () => {
    await expect(inSpan('outer', options, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  });
});
