import type { AnyBulkWriteOperation, Collection, Db, Filter } from 'mongodb';
import { Rounds } from '#kit/rounds.ts';
import type { Known, Source, Status } from './domain.ts';

/** What an event says about the reservation itself; a rental's events know less than a reservation's. */
export interface Details {
  readonly carId: string;
  readonly userId: string;
  readonly carName?: string;
  readonly userName?: string;
  readonly reservedDate?: string;
}

/** One reservation's view, as it is kept: one document, `_id` is the reservation id. */
export interface MypageDocument extends Known, Details {
  readonly _id: string;
  /** When the newest of what is known happened. */
  readonly updateTime: Date;
}

/** Which views `list` returns, and after which one it goes on. An empty string and undefined mean all. */
export interface MypageFilter {
  readonly userId: string;
  readonly status: Status | undefined;
  readonly after: string | undefined;
  readonly limit: number;
}

/** The documents that `statusOf` gives each status. */
const WITH_STATUS: Record<Status, Filter<MypageDocument>> = {
  COMPLETED: { 'rental.status': 'COMPLETED' },
  CANCELLED: {
    'rental.status': { $ne: 'COMPLETED' },
    $or: [{ 'rental.status': 'CANCELLED' }, { 'reservation.status': 'CANCELLED' }],
  },
  ALLOCATED: { 'rental.status': 'ALLOCATED', 'reservation.status': { $ne: 'CANCELLED' } },
  RESERVED: { rental: { $exists: false }, 'reservation.status': 'RESERVED' },
};

/** How many updates one command has at most; MongoDB takes 100,000. */
const MOST_UPDATES = 1000;

/** The customer's views of reservations, in MongoDB. */
export class MypageStore {
  readonly #mypages: Collection<MypageDocument>;
  /** Updates that are asked for at the same time are one command: to answer it the server makes its journal durable once. */
  readonly #updates: Rounds<AnyBulkWriteOperation<MypageDocument>>;

  constructor(db: Db) {
    const mypages = db.collection<MypageDocument>('mypages');
    this.#mypages = mypages;
    this.#updates = new Rounds(async (updates) => {
      // In any order, as `tell` says of events; so one that fails keeps none of the others from being done.
      await mypages.bulkWrite([...updates], { ordered: false });
    }, MOST_UPDATES);
  }

  /** Creates the indexes that `list` needs; there already is no error. */
  async createIndexes(): Promise<void> {
    await this.#mypages.createIndex({ userId: 1, _id: 1 });
  }

  /**
   * Stores what a source tells of a reservation, if it is newer than what that source told before: an event that arrives twice, late or
   * before those of the other source leaves the same document. The details are the same in all events of a reservation. `time`: when what
   * is told happened.
   */
  async tell<S extends Source>(
    source: S,
    reservationId: string,
    { version, status }: NonNullable<Known[S]>,
    details: Details,
    time: Date,
  ): Promise<void> {
    // MongoDB compares documents field by field in their order: the version comes first, so it decides.
    const change = { $max: { [source]: { version, status }, updateTime: time }, $set: details };
    await this.#updates.do([{ updateOne: { filter: { _id: reservationId }, update: change, upsert: true } }]);
  }

  /** The view of a reservation, or undefined while nothing is known of it. */
  async find(reservationId: string): Promise<MypageDocument | undefined> {
    return (await this.#mypages.findOne({ _id: reservationId })) ?? undefined;
  }

  /** The views of several reservations, as far as something is known of them. */
  async findAll(reservationIds: readonly string[]): Promise<MypageDocument[]> {
    return await this.#mypages.find({ _id: { $in: [...reservationIds] } }).toArray();
  }

  /** Views in the order of their ids. */
  async list({ userId, status, after, limit }: MypageFilter): Promise<MypageDocument[]> {
    const filter: Filter<MypageDocument> = {
      ...(userId === '' ? {} : { userId }),
      ...(status === undefined ? {} : WITH_STATUS[status]),
      ...(after === undefined ? {} : { _id: { $gt: after } }),
    };
    return await this.#mypages.find(filter).sort({ _id: 1 }).limit(limit).toArray();
  }
}
