import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Tx } from './database.ts';
import { appendEvent, appendEvents, event, topicOf } from './events.ts';
import { isId } from './ids.ts';
import { inSpan, SpanKind, startTelemetry, traceHeaders } from './telemetry.ts';

const Ordered = {
  $type: 'shop.order.v1.Ordered',
  encode: (text: string) => ({ finish: () => Buffer.from(text) }),
  decode: (bytes: Uint8Array) => Buffer.from(bytes).toString(),
};

/** Records the parameters of each statement: topics, keys, headers, values. */
class RecordingTx implements Tx {
  readonly statements: (readonly unknown[])[] = [];
  async query<R>(_sql: string, params: readonly unknown[] = []): Promise<R[]> {
    this.statements.push(params);
    return [];
  }
}

let stopTelemetry: () => Promise<void>;
beforeAll(async () => {
  stopTelemetry = await startTelemetry('test', undefined);
});
afterAll(async () => {
  await stopTelemetry();
});

describe('an appended event', () => {
  it('is a CloudEvent on the topic of its package, under its key', async () => {
    const tx = new RecordingTx();
    await appendEvent(tx, Ordered, 'order-1', 'two lamps');
    const [[topics, keys, headers, values] = []] = tx.statements;
    expect([topics, keys, values]).toEqual([['shop.order.v1'], ['order-1'], [Buffer.from('two lamps')]]);
    const [text] = Array.isArray(headers) ? headers : [];
    const { ce_id, ce_time, ...rest } = JSON.parse(text);
    expect(isId(ce_id)).toBe(true);
    expect(Number.isNaN(Date.parse(ce_time))).toBe(false);
    expect(rest).toEqual({
      'content-type': 'application/protobuf',
      ce_specversion: '1.0',
      ce_source: '/shop.order.v1',
      ce_type: 'shop.order.v1.Ordered',
      ce_subject: 'order-1',
      ce_dataschema: 'urn:protobuf:shop.order.v1.Ordered',
    });
  });

  it('carries the trace in which it was appended', async () => {
    const tx = new RecordingTx();
    const traceparent = await inSpan('call', { kind: SpanKind.SERVER, attributes: {} }, async () => {
      await appendEvent(tx, Ordered, 'order-1', 'two lamps');
      return traceHeaders().traceparent;
    });
    expect(traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    expect(String(tx.statements[0]?.[2])).toContain(`"traceparent":"${traceparent}"`);
  });

  it('keeps its place among several, which take one statement', async () => {
    const tx = new RecordingTx();
    await appendEvents(tx, [event(Ordered, 'a', '1'), event(Ordered, 'b', '2')]);
    await appendEvents(tx, []);
    expect(tx.statements.map(([, keys]) => keys)).toEqual([['a', 'b']]);
  });
});

describe('a topic', () => {
  it('is the package of the type', () => {
    expect(topicOf('shop.order.v1.Ordered')).toBe('shop.order.v1');
  });
});
