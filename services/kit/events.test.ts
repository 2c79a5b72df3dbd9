import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OutgoingEvent, Tx } from './database.ts';
import { appendEvent, inTraceOf, on, onBatch, topicOf } from './events.ts';
import { isId, newId } from './ids.ts';
import { inSpan, SpanKind, startTelemetry, traceHeaders } from './telemetry.ts';

const Ordered = {
  $type: 'shop.order.v1.Ordered',
  encode: (text: string) => ({ finish: () => Buffer.from(text) }),
  decode: (bytes: Uint8Array) => Buffer.from(bytes).toString(),
};

class RecordingTx implements Tx {
  readonly events: OutgoingEvent[] = [];
  append(events: readonly OutgoingEvent[]): void {
    this.events.push(...events);
  }
  async query<R>(): Promise<R[]> {
    throw new Error('appending runs no statement of its own');
  }
  write(): void {
    throw new Error('appending runs no statement of its own');
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
  it('is a CloudEvent on the topic of its package, under its key', () => {
    const tx = new RecordingTx();
    appendEvent(tx, Ordered, 'order-1', 'two lamps');
    expect(tx.events).toMatchObject([{ topic: 'shop.order.v1', key: 'order-1', value: Buffer.from('two lamps') }]);
    const { ce_id = '', ce_time = '', ...rest } = tx.events[0]?.headers ?? {};
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
      appendEvent(tx, Ordered, 'order-1', 'two lamps');
      return traceHeaders().traceparent;
    });
    expect(traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    expect(tx.events[0]?.headers.traceparent).toBe(traceparent);
  });
});

describe('a topic', () => {
  it('is the package of the type', () => {
    expect(topicOf('shop.order.v1.Ordered')).toBe('shop.order.v1');
  });
});

describe('an event appended because of another', () => {
  it('continues the trace of that one', async () => {
    const trace = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' };
    const place = { topic: 'shop.order.v1', partition: 0, offset: '0' };
    const envelope = { ...place, id: newId(), type: Ordered.$type, key: 'order-1', time: new Date(), trace };
    const tx = new RecordingTx();
    const single = on(Ordered, async (text, inTx) => appendEvent(inTx, Ordered, 'order-2', text));
    await single.apply(['two lamps'], tx, [envelope]);
    const batch = onBatch(Ordered, async (texts, inTx, envelopes) => {
      for (const cause of envelopes) inTraceOf(cause, () => appendEvent(inTx, Ordered, 'order-3', texts.join()));
    });
    await batch.apply(['two lamps'], tx, [envelope]);
    expect(tx.events.map(({ key, headers }) => [key, headers.traceparent])).toEqual([
      ['order-2', trace.traceparent],
      ['order-3', trace.traceparent],
    ]);
  });
});
