import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EventConsumer } from '#kit/events/consumer.ts';
import { onBatch } from '#kit/events/events.ts';
import { KafkaPort } from '#kit/events/kafka.ts';
import { unavailable } from '#kit/rpc/errors.ts';
import { createLogger } from '#kit/runtime/log.ts';
import { eventually } from '../support/eventually.ts';
import { brokers } from '../support/instance.ts';
import { administer, event, write } from '../support/kafka.ts';

const log = createLogger('test', 'silent');
const settings = { KAFKA_BROKERS: [brokers], KAFKA_REPLICATION_FACTOR: -1 };

/** Applied events as `text@partition`, in order. */
let applied: string[];
/** Events of these texts fail transiently. */
let failing: Set<string>;
let topic: string;
let stop: AbortController;
let running: Promise<void>;

const Ordered = {
  encode: (text: string) => ({ finish: () => Buffer.from(text) }),
  decode: (bytes: Uint8Array) => Buffer.from(bytes).toString(),
};

beforeEach(async () => {
  applied = [];
  failing = new Set();
  topic = `shop.retries-${randomUUID()}`;
  stop = new AbortController();
  const type = { ...Ordered, $type: `${topic}.Ordered` };
  const handler = onBatch(type, async (texts, _tx, envelopes) => {
    if (texts.some((text) => failing.has(text))) throw unavailable('NOT_NOW', 'not now');
    applied.push(...texts.map((text, index) => `${text}@${envelopes[index]?.partition}`));
  });
  const consumer = new EventConsumer(new KafkaPort('test', settings, log), { group: topic, handlers: [handler], database: undefined }, log);
  running = consumer.run(stop.signal);
  await eventually('the topic exists', () => send('first', 0));
  await eventually('the consumer consumes', () => expect(applied).toContain('first@0'));
});

afterEach(async () => {
  stop.abort();
  await running;
  await administer(async (admin) => {
    await admin.deleteTopics({ topics: [topic, `${topic}.dlq`] });
    await admin.deleteGroups([topic]);
  });
});

async function send(text: string, partition: number): Promise<void> {
  await write({ ...event({ ...Ordered, $type: `${topic}.Ordered` }, text, text), partition });
}

describe('an event that fails transiently', () => {
  it('holds up its own partition only, and is applied in order when the cause is gone', async () => {
    failing.add('stuck');
    await send('stuck', 1);
    await send('behind', 1);
    for (const partition of [0, 2, 3, 4, 5]) {
      await send('other', partition);
      await eventually('the other partition flows on', () => expect(applied).toContain(`other@${partition}`));
    }
    expect(applied.filter((text) => text.endsWith('@1'))).toEqual([]);
    failing.clear();
    await eventually('its partition goes on', () => expect(applied).toContain('behind@1'));
    await send('last', 1);
    await eventually('later events are applied', () => expect(applied).toContain('last@1'));
    expect(applied.filter((text) => text.endsWith('@1'))).toEqual(['stuck@1', 'behind@1', 'last@1']);
  });

  it('is neither lost nor dead-lettered by a stop', async () => {
    failing.add('stuck');
    await send('stuck', 1);
    await send('other', 2);
    await eventually('the other partition flows on', () => expect(applied).toContain('other@2'));
    stop.abort();
    await running;
    const offsets = await administer((admin) => admin.fetchOffsets({ groupId: topic, topics: [topic] }));
    const committed = new Map(offsets[0]?.partitions.map(({ partition, offset }) => [partition, offset]));
    expect([committed.get(1), committed.get(2)]).toEqual(['-1', '1']);
    const letters = await administer((admin) => admin.fetchTopicOffsets(`${topic}.dlq`));
    expect(letters.map(({ high }) => high)).toEqual(Array(6).fill('0'));
  });
});
