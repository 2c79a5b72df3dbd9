import { expect } from 'vitest';
import { toRecord } from '#kit/events/events.ts';
import { Failpoint, Failpoint_Action, FaultServiceService } from '#proto/rentmesh/fault/v1/fault.ts';
import { OutboxBatch, type OutboxEvent } from '#proto/rentmesh/outbox/v1/outbox.ts';
import { serviceOfReplica } from '../../dev/systems/identity.ts';
import { services } from '../../dev/systems/services.ts';
import { onDatabase } from './database.ts';
import { eventually } from './eventually.ts';
import { channel, client } from './grpc.ts';
import { podService } from './instance.ts';
import { administer, consumed, type Seen, type Tap, type Writing, write } from './kafka.ts';
import { tested } from './tested/index.ts';

/** A message type of events. */
interface Type {
  readonly $type: string;
  decode(bytes: Uint8Array): object;
}

/** An event in Kafka. */
export interface PublishedEvent<T extends Type> {
  /** The name of its message, without the package. */
  readonly name: string;
  readonly content: ReturnType<T['decode']>;
  readonly record: Seen;
}

/** Returns the events that fit, in the order of the types, each once however often it was delivered. */
export function eventsOf<T extends Type>(
  tap: Tap,
  types: readonly T[],
  fits: (content: ReturnType<T['decode']>) => boolean,
): PublishedEvent<T>[] {
  const first = new Map<string | undefined, Seen>();
  for (const record of tap.records) if (!first.has(record.headers.ce_id)) first.set(record.headers.ce_id, record);
  return types.flatMap((type) => {
    const name = type.$type.split('.').at(-1) ?? '';
    const records = [...first.values()].filter(({ headers }) => headers.ce_type === type.$type);
    // The type's decoder returns its content.
    const events = records.map((record) => ({ name, content: type.decode(record.value) as ReturnType<T['decode']>, record }));
    return events.filter(({ content }) => fits(content));
  });
}

/** Writes an event again, byte by byte, and waits until all services that follow its topic have consumed it. */
export async function redeliver({ topic, key, value, headers }: Writing): Promise<void> {
  await consumed(groupsOf(topic), await write({ topic, key, value, headers }));
}

/** Returns the consumer groups of a topic, as the descriptors of the systems declare them. */
function groupsOf(topic: string): string[] {
  return services.filter(({ consumes = [] }) => consumes.includes(topic)).map(({ system, name }) => `${system}.${name}`);
}

/** Waits until the services of a system have consumed all events that their topics have. */
export async function allConsumed(system: string): Promise<void> {
  await administer(async (admin) => {
    for (const { name, consumes = [] } of services.filter((each) => each.system === system)) {
      await eventually(`${system}/${name} has consumed its events`, async () => {
        for (const { topic, partitions } of await admin.fetchOffsets({ groupId: `${system}.${name}`, topics: [...consumes] })) {
          const committed = new Map(partitions.map(({ partition, offset }) => [partition, Number(offset)]));
          const behind = (await admin.fetchTopicOffsets(topic)).filter(({ partition, low, high }) => {
            // A partition without events has no committed offset.
            return Math.max(committed.get(partition) ?? 0, Number(low)) < Number(high);
          });
          expect(behind, topic).toEqual([]);
        }
      });
    }
  });
}

/** Delivers the event of a type and key before the events that are held back with it and that were committed earlier. */
export type Overtake = (type: Pick<Type, '$type'>, key: string) => Promise<void>;

/** The longest time for which events are held back: only for a test that ends without its `finally`. */
const PAUSE_MS = 120_000;

/**
 * Runs work while a replica holds its events back: `publish` makes it publish one, after which its relay pauses. Then waits until the
 * replica has sent all events that were committed meanwhile, in the order of their commits. Those that have overtaken arrive twice.
 */
export async function whileHeldBack<T>(
  replica: string,
  publish: () => Promise<unknown>,
  work: (overtake: Overtake) => Promise<T>,
): Promise<T> {
  const database = (serviceOfReplica(replica) ?? '').replace('/', '_');
  const faults = client(channel(podService(replica)), FaultServiceService);
  const pause = Failpoint.fromPartial({ name: 'relay.sent', action: Failpoint_Action.PAUSE, pauseMs: PAUSE_MS });
  const overtake: Overtake = async ({ $type }, key) => {
    const event = (await unsent(database)).find((each) => each.type === $type && each.key === key);
    if (event === undefined) throw new Error(`${replica} holds no ${$type} about ${key} back`);
    const { topic, headers } = toRecord(event);
    await redeliver({ topic, key, value: event.value, headers });
  };
  let result: T;
  await tested.setFaults(replica, { failpoints: [pause] });
  try {
    await publish();
    await eventually(`${replica} holds its events back`, async () => expect((await faults.getFaults()).faults?.failpoints).toEqual([]));
    result = await work(overtake);
  } finally {
    await tested.setFaults(replica, {});
  }
  await eventually(`${replica} has sent its events`, async () => expect(await unsent(database)).toEqual([]));
  return result;
}

/** Returns the events of a database that are committed and still in the outbox. */
async function unsent(database: string): Promise<OutboxEvent[]> {
  return await onDatabase(database, async (connection) => {
    const { rows } = await connection.query<{ events: Buffer }>('select events from outbox order by id');
    return rows.flatMap(({ events }) => OutboxBatch.decode(events).events);
  });
}
