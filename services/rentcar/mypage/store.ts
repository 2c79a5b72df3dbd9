import type { Collection, Db, Filter, UpdateFilter } from 'mongodb';
import { prevailing, type Source, type Status, type Versions } from './domain.ts';

/** Fields of a reservation that never change. Events of the rental service have only some of them. */
export interface Details {
  readonly carId: string;
  readonly userId: string;
  readonly carName?: string;
  readonly userName?: string;
  readonly reservedDate?: string;
}

/**
 * The newest change of one source. Updates keep the greatest by `$max`, and MongoDB compares documents field by field: the higher version
 * wins, and of one version the earliest time, so that an event published again changes nothing.
 */
interface Change {
  readonly version: number;
  /** Milliseconds since 1970 when the change happened, negated. */
  readonly negatedTime: number;
}

/** The stored view of one reservation; `_id` is the reservation id. */
export interface MypageDocument extends Details {
  readonly _id: string;
  readonly status: Status;
  readonly reservation?: Change;
  readonly rental?: Change;
  /** When the server last stored an event of it, by the server's clock. */
  readonly applyTime: Date;
}

/** The versions that a view shows. */
export function versionsOf({ reservation, rental }: MypageDocument): Versions {
  return { reservation: reservation?.version ?? 0, rental: rental?.version ?? 0 };
}

/** When the newest change that a view shows happened. */
export function updateTimeOf({ reservation, rental }: MypageDocument): Date {
  return new Date(Math.max(...[reservation, rental].flatMap((change) => (change === undefined ? [] : -change.negatedTime))));
}

/** An event of a reservation, as a view stores it. */
export interface MypageEvent {
  readonly reservationId: string;
  readonly source: Source;
  readonly version: number;
  readonly status: Status;
  readonly details: Details;
  readonly time: Date;
}

/** Selects the views that `list` returns. An empty `userId` and undefined match all. */
export interface MypageFilter {
  readonly userId: string;
  readonly status: Status | undefined;
  /** Only views whose id is greater. */
  readonly after: string | undefined;
  readonly limit: number;
}

/** The server ends a query after this time. Below the route's timeout (mesh/rentcar/mypage.yaml), so that no query outlives its call. */
const MAX_QUERY_MS = 1500;

/** `changes` reads again what was stored so shortly before the newest change: updates become visible in another order than they run. */
const OVERLAP_MS = 5000;

/** The views of reservations, in MongoDB. */
export class MypageStore {
  readonly #db: Db;
  readonly #mypages: Collection<MypageDocument>;

  constructor(db: Db) {
    this.#db = db;
    this.#mypages = db.collection<MypageDocument>('mypages');
  }

  /** Creates one index for each combination of filters of `list`, and one for `changes`. Existing indexes stay. */
  async createIndexes(): Promise<void> {
    await this.#mypages.createIndexes([
      { key: { userId: 1, _id: 1 } },
      { key: { status: 1, _id: 1 } },
      { key: { userId: 1, status: 1, _id: 1 } },
      { key: { applyTime: 1 } },
    ]);
  }

  /** Stores events, in one command. Events that arrive twice, late or in another order leave the same views. */
  async apply(events: readonly MypageEvent[]): Promise<void> {
    const updates = new Map<string, MypageEvent>();
    for (const event of events) {
      const key = `${event.source} ${event.reservationId}`;
      const other = updates.get(key);
      updates.set(key, other === undefined ? event : merge(other, event));
    }
    const operations = [...updates.values()].map((event) => ({
      updateOne: { filter: { _id: event.reservationId }, update: toUpdate(event), upsert: true },
    }));
    if (operations.length > 0) await this.#mypages.bulkWrite(operations, { ordered: false });
  }

  /** Returns the view of a reservation, or undefined if no event of it was stored. */
  async find(reservationId: string): Promise<MypageDocument | undefined> {
    return (await this.#mypages.findOne({ _id: reservationId }, { maxTimeMS: MAX_QUERY_MS })) ?? undefined;
  }

  /** Returns the views of several reservations, those that exist. */
  async findAll(reservationIds: readonly string[]): Promise<MypageDocument[]> {
    return await this.#mypages.find({ _id: { $in: [...reservationIds] } }, { maxTimeMS: MAX_QUERY_MS }).toArray();
  }

  /** Returns views in the order of their ids. */
  async list({ userId, status, after, limit }: MypageFilter): Promise<MypageDocument[]> {
    const filter: Filter<MypageDocument> = {
      ...(userId === '' ? {} : { userId }),
      ...(status === undefined ? {} : { status }),
      ...(after === undefined ? {} : { _id: { $gt: after } }),
    };
    return await this.#mypages.find(filter, { maxTimeMS: MAX_QUERY_MS }).sort({ _id: 1 }).limit(limit).toArray();
  }

  /**
   * Returns a function that returns the ids of views that any replica changed since its last call; at the first call since OVERLAP_MS ago.
   * An id may occur again in calls of the next OVERLAP_MS. All times are the server's.
   */
  changes(): () => Promise<string[]> {
    let newest: Date | undefined;
    let newestSeenAt = performance.now();
    return async () => {
      newest ??= await this.#serverTime();
      const isSettled = performance.now() - newestSeenAt > OVERLAP_MS;
      const from = isSettled ? newest : new Date(newest.getTime() - OVERLAP_MS);
      const options = { projection: { applyTime: 1 }, maxTimeMS: MAX_QUERY_MS };
      const changed = await this.#mypages.find({ applyTime: { $gt: from } }, options).toArray();
      for (const { applyTime } of changed) {
        if (applyTime <= newest) continue;
        newest = applyTime;
        newestSeenAt = performance.now();
      }
      return changed.map(({ _id }) => _id);
    };
  }

  async #serverTime(): Promise<Date> {
    const { localTime } = await this.#db.command({ hello: 1 });
    return localTime;
  }
}

/** Two events of one source, as one. */
function merge(one: MypageEvent, other: MypageEvent): MypageEvent {
  const newer = other.version > one.version ? other : one;
  return { ...newer, status: prevailing(one.status, other.status), details: { ...one.details, ...other.details } };
}

function toUpdate({ source, version, status, details, time }: MypageEvent): UpdateFilter<MypageDocument> {
  const change: Change = { version, negatedTime: -time.getTime() };
  return { $max: { status, [source]: change }, $set: details, $currentDate: { applyTime: true } };
}
