import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EventConsumer } from '#kit/events/consumer.ts';
import { onBatch } from '#kit/events/events.ts';
import { KafkaPort } from '#kit/events/kafka.ts';
import { createLogger } from '#kit/runtime/log.ts';
import { eventually } from '../support/eventually.ts';
import { brokers } from '../support/instance.ts';
import { administer, event, write } from '../support/kafka.ts';

const log = createLogger('test', 'silent');
const settings = { KAFKA_BROKERS: [brokers], KAFKA_REPLICATION_FACTOR: -1 };
const clientId = 'shop.stock@here';

let topic: string;
beforeEach(async () => {
  topic = `shop.predecessors-${randomUUID()}`;
  await new KafkaPort(clientId, settings, log).createTopics([topic]);
});
afterEach(async () => {
  await administer(async (admin) => {
    await admin.deleteTopics({ topics: [topic, `${topic}.dlq`] });
    await admin.deleteGroups([topic]);
  });
});

/** Joins the group from a process of its own, with a session timeout far beyond any test, and kills that process. */
async function joinAndDie(id: string): Promise<void> {
  const program = `
    const { Kafka, logLevel } = require('kafkajs');
    const kafka = new Kafka({ clientId: ${JSON.stringify(id)}, brokers: [${JSON.stringify(brokers)}], logLevel: logLevel.NOTHING });
    const consumer = kafka.consumer({ groupId: ${JSON.stringify(topic)}, sessionTimeout: 600_000 });
    consumer.on(consumer.events.GROUP_JOIN, () => console.log('joined'));
    consumer.connect()
      .then(() => consumer.subscribe({ topics: [${JSON.stringify(topic)}] }))
      .then(() => consumer.run({ eachMessage: async () => {} }));`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
}

async function clientIds(): Promise<string[]> {
  const { groups } = await administer((admin) => admin.describeGroups([topic]));
  return groups.flatMap(({ members }) => members.map((member) => member.clientId)).toSorted();
}

describe('a consumer whose predecessor was killed', () => {
  it('consumes without waiting for the session timeout of that one', async () => {
    await joinAndDie(clientId);
    expect(await clientIds()).toEqual([clientId]);
    const applied: string[] = [];
    const type = {
      $type: `${topic}.Ordered`,
      encode: (text: string) => ({ finish: () => Buffer.from(text) }),
      decode: (bytes: Uint8Array) => Buffer.from(bytes).toString(),
    };
    const handler = onBatch(type, async (texts) => void applied.push(...texts));
    const stop = new AbortController();
    const options = { group: topic, handlers: [handler], database: undefined };
    const running = new EventConsumer(new KafkaPort(clientId, settings, log), options, log).run(stop.signal);
    await write(event(type, 'key', 'lamp'));
    await eventually('the event is applied', () => expect(applied).toEqual(['lamp']));
    stop.abort();
    await running;
  });

  it('removes no member of another client id', async () => {
    await joinAndDie('shop.stock@there');
    const port = new KafkaPort(clientId, settings, log);
    const consumer = port.consumer(topic);
    await consumer.connect();
    await consumer.subscribe({ topics: [topic] });
    // Joins only when the other member's session ends, so it is not waited for.
    const joining = consumer.run({ eachMessage: () => Promise.resolve() });
    joining.catch(() => undefined);
    await eventually('the consumer is joining', async () => expect(await clientIds()).toEqual([clientId, 'shop.stock@there']));
    await new KafkaPort('shop.stock@there', settings, log).admin(async (admin) => {
      const { groups } = await admin.describeGroups([topic]);
      expect(groups[0]?.state).toBe('PreparingRebalance');
    });
    // The new owner of the other id removes it, and the group is complete.
    const other = new KafkaPort('shop.stock@there', settings, log).consumer(topic);
    await other.connect();
    await other.subscribe({ topics: [topic] });
    await other.run({ eachMessage: () => Promise.resolve() });
    await joining;
    await Promise.all([consumer.disconnect(), other.disconnect()]);
  });
});
