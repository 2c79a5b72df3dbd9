import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OutboxEvent } from '#proto/rentmesh/outbox/v1/outbox.ts';
import type { Tx } from '../postgres/database.ts';
import { isId } from '../runtime/ids.ts';
import { inSpan, SpanKind, startTelemetry, traceHeaders } from '../runtime/telemetry.ts';
import { appendEvent, toRecord } from './events.ts';

const Ordered = {
  $type: 'shop.order.v1.Ordered',
  encode: (text: string) => ({ finish: () => Buffer.from(text) }),
  decode: (bytes: Uint8Array) => Buffer.from(bytes).toString(),
};

class RecordingTx implements Tx {
  readonly events: OutboxEvent[] = [];
  append(events: readonly OutboxEvent[]): void {
    this.events.push(...events);
  }
  async query<R>(): Promise<R[]> {
    throw new Error('appending runs no statement of its own');
  }
  write(): void {
    throw new Error('appending runs no statement of its own');
  }
  schedule(): void {
    throw new Error('appending schedules no job');
  }
  cancelJobs(): void {
    throw new Error('appending cancels no job');
  }
  /** The Kafka records of the appended events. */
  get records() {
    return this.events.map(toRecord);
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
    expect(tx.records).toMatchObject([{ topic: 'shop.order.v1', key: 'order-1', value: Buffer.from('two lamps') }]);
    const { ce_id = '', ce_time = '', ...rest } = tx.records[0]?.headers ?? {};
    expect(isId(String(ce_id))).toBe(true);
    expect(Number.isNaN(Date.parse(String(ce_time)))).toBe(false);
    expect(rest).toEqual({
      ce_specversion: '1.0',
      ce_source: '/shop.order.v1',
      ce_type: 'shop.order.v1.Ordered',
    });
  });

  it('carries the trace in which it was appended', async () => {
    const tx = new RecordingTx();
    const traceparent = await inSpan('call', { kind: SpanKind.SERVER, attributes: {} }, async () => {
      appendEvent(tx, Ordered, 'order-1', 'two lamps');
      return traceHeaders().traceparent;
    });
    expect(traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    expect(tx.records[0]?.headers.traceparent).toBe(traceparent);
  });
});
