import { readStock, type StockSnapshot } from '../../services/rentcar/dev/stock.ts';
import { eventually } from '../support/eventually.ts';
import { administer } from '../support/kafka.ts';
import { tested } from '../support/tested/index.ts';

/** The groups that apply events. */
const GROUPS = ['rentcar.car', 'rentcar.reservation', 'rentcar.rental', 'rentcar.mypage'];
const DEAD_LETTERS = '.dlq';

/** Reservation publishes a report to this topic every quarter of the lease, also without load: the topic is never at rest. */
const REPORTS = 'rentcar.reservation.v1.stock';

/** A dead group member costs its session timeout, an orphaned hold the lease and 10 s. */
const QUIET_MS = 90_000;

/** Where the topics end: dead letters apart from the others. */
export interface TopicEnds {
  readonly events: Readonly<Record<string, number>>;
  readonly deadLetters: Readonly<Record<string, number>>;
}

/** Reads how many records were ever written to each topic of the system. */
export async function topicEnds(): Promise<TopicEnds> {
  return await administer(async (admin) => {
    const topics = (await admin.listTopics()).filter((name) => !name.startsWith('__'));
    const ends = await Promise.all(
      topics.map(async (topic): Promise<[string, number]> => {
        const partitions = await admin.fetchTopicOffsets(topic);
        return [topic, partitions.reduce((sum, { high }) => sum + Number(high), 0)];
      }),
    );
    const split = (dead: boolean) => Object.fromEntries(ends.filter(([topic]) => topic.endsWith(DEAD_LETTERS) === dead));
    return { events: split(false), deadLetters: split(true) };
  });
}

/**
 * Returns the records that the groups have not applied, as one text per partition. Of REPORTS only the records that the last look has
 * seen count. `seen`: the ends of its partitions at the last look; updated.
 */
async function lag(seen: Map<number, number>): Promise<string[]> {
  return await administer(async (admin) => {
    const behind: string[] = [];
    for (const groupId of GROUPS) {
      for (const { topic, partitions } of await admin.fetchOffsets({ groupId })) {
        const ends = await admin.fetchTopicOffsets(topic);
        for (const { partition, offset } of partitions) {
          const { low = '0', high = '0' } = ends.find((end) => end.partition === partition) ?? {};
          const end = topic === REPORTS ? (seen.get(partition) ?? Number(high)) : Number(high);
          if (topic === REPORTS) seen.set(partition, Number(high));
          const records = end - Math.max(Number(offset), Number(low));
          if (records > 0) behind.push(`${groupId}: ${records} of ${topic}[${partition}] from ${offset}`);
        }
      }
    }
    return behind;
  });
}

/**
 * Waits until nothing is under way: outboxes are empty, every group has applied everything, and stock that a dead process
 * left held is back. Two looks in a row must see the same. Only consequences of what is known are waited for: whether they
 * are right is for `verify`, once.
 */
export async function untilQuiet(): Promise<StockSnapshot> {
  let before: string | undefined;
  const seen = new Map<number, number>();
  return await eventually(
    'everything is applied',
    async () => {
      const { events } = await topicEnds();
      const behind = await lag(seen);
      const stock = await tested.withStores(readStock);
      const ends = JSON.stringify({ ...events, [REPORTS]: 0 });
      const same = ends === before;
      before = ends;
      const waiting = Object.entries(stock.waiting).filter(([, count]) => count > 0);
      if (waiting.length > 0) throw new Error(`outboxes: ${waiting.map(([service, count]) => `${service} ${count}`).join(', ')}`);
      if (behind.length > 0) throw new Error(`records to apply: ${behind.join('; ')}`);
      const reserved = new Set(stock.reserved.map(({ reservationId }) => reservationId));
      const orphans = stock.holds.filter(({ reservationId }) => !reserved.has(reservationId));
      if (orphans.length > 0) throw new Error(`stock is held for ${orphans.map(({ reservationId }) => reservationId).join(', ')}`);
      if (!same) throw new Error('records were written since the last look');
      return stock;
    },
    QUIET_MS,
  );
}
