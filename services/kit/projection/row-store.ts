import type { AnyBulkWriteOperation, Collection, Db, Filter, UpdateFilter } from 'mongodb';
import { rowReader, type StoredRow } from './row.ts';
import { changeThatMade, merge, type RowChange, type RowChanges } from './row-changes.ts';
import { type ProjectionSpec, type Row, type Shape, sourcesOf } from './spec.ts';

/** The longest time of a query, in milliseconds. */
const MAX_QUERY_MS = 5000;

/** How long changes are looked for again, in milliseconds: updates can commit in another order than they run. */
const OVERLAP_MS = 5000;

/** Selects rows of a list. */
export interface RowFilter {
  /** Values by field. Empty, 0 and undefined match all. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Only rows with a greater key. */
  readonly after: string | undefined;
  readonly limit: number;
}

/** An alias with the changes that events made under its name. */
interface StoredAlias extends Omit<StoredRow, 'applyTime'> {
  /** Keys of the rows that have this alias. */
  readonly rows?: readonly string[];
}

/** The rows of a projection, in MongoDB. */
export class RowStore<T extends Shape> {
  readonly #db: Db;
  readonly #spec: ProjectionSpec<T>;
  readonly #rows: Collection<StoredRow>;
  readonly #aliases: Collection<StoredAlias>;
  readonly #toRow: (stored: StoredRow) => Row<T>;

  constructor(db: Db, spec: ProjectionSpec<T>) {
    this.#db = db;
    this.#spec = spec;
    this.#rows = db.collection(spec.collection);
    this.#aliases = db.collection(`${spec.collection}.aliases`);
    this.#toRow = rowReader(spec);
  }

  /** Creates one index for each combination of filters, and one for `changes`. Existing indexes stay. */
  async createIndexes(): Promise<void> {
    const combinations = combinationsOf(this.#spec.filters).map((names) => {
      return { key: Object.fromEntries([...names, '_id'].map((name) => [name, 1 as const])) };
    });
    await this.#rows.createIndexes([...combinations, { key: { applyTime: 1 } }]);
  }

  /** Stores changes. Returns the keys of the changed rows. */
  async apply(changes: RowChanges): Promise<string[]> {
    const rows = new Map(changes.rows);
    if (changes.aliases.size > 0 || changes.links.length > 0) await this.#followAliases(changes, rows);
    if (rows.size > 0) await this.#rows.bulkWrite(updatesOf(rows, { $currentDate: { applyTime: true } }), { ordered: false });
    return [...rows.keys()];
  }

  /**
   * Adds to `rows` what events changed under an alias. Stores links and changes of aliases before it reads them. Of a
   * link and a change that are stored at the same time, the later one sees the other.
   */
  async #followAliases({ aliases, links }: RowChanges, rows: Map<string, RowChange>): Promise<void> {
    const linked = links.map(({ alias, key }): AnyBulkWriteOperation<StoredAlias> => {
      return { updateOne: { filter: { _id: alias }, update: { $addToSet: { rows: key } }, upsert: true } };
    });
    await this.#aliases.bulkWrite([...updatesOf<StoredAlias>(aliases), ...linked]);
    const names = new Set([...aliases.keys(), ...links.map(({ alias }) => alias)]);
    const stored = await this.#aliases.find({ _id: { $in: [...names] } }, { maxTimeMS: MAX_QUERY_MS }).toArray();
    for (const { _id, rows: keys = [], ...facts } of stored) {
      const change = changeThatMade(facts, sourcesOf(this.#spec.events));
      for (const key of keys) if (change.max.size > 0) merge(rows, key, change);
    }
  }

  /** Returns a row, or undefined if no event of it was stored. */
  async find(key: string): Promise<Row<T> | undefined> {
    const stored = await this.#rows.findOne({ _id: key }, { maxTimeMS: MAX_QUERY_MS });
    return stored === null ? undefined : this.#toRow(stored);
  }

  /** Returns those of several rows that exist. */
  async findAll(keys: readonly string[]): Promise<Row<T>[]> {
    const stored = await this.#rows.find({ _id: { $in: [...keys] } }, { maxTimeMS: MAX_QUERY_MS }).toArray();
    return stored.map(this.#toRow);
  }

  /** Returns rows in the order of their keys. */
  async list({ values, after, limit }: RowFilter): Promise<Row<T>[]> {
    // Filters are named after fields of stored rows.
    const filter = Object.fromEntries(Object.entries(values).filter(([, value]) => Boolean(value))) as Filter<StoredRow>;
    if (after !== undefined) filter._id = { $gt: after };
    const stored = await this.#rows.find(filter, { maxTimeMS: MAX_QUERY_MS }).sort({ _id: 1 }).limit(limit).toArray();
    return stored.map(this.#toRow);
  }

  /**
   * Returns a function that returns the keys of rows that any replica changed since its last call; at the first call
   * since OVERLAP_MS ago. A key may occur again in calls of the next OVERLAP_MS. All times are the server's.
   */
  changes(): () => Promise<string[]> {
    let newest: Date | undefined;
    let newestSeenAt = performance.now();
    return async () => {
      newest ??= await this.#serverTime();
      const isSettled = performance.now() - newestSeenAt > OVERLAP_MS;
      const from = isSettled ? newest : new Date(newest.getTime() - OVERLAP_MS);
      const options = { projection: { applyTime: 1 }, maxTimeMS: MAX_QUERY_MS };
      const changed = await this.#rows.find({ applyTime: { $gt: from } }, options).toArray();
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

function updatesOf<R extends { readonly _id: string }>(
  changes: ReadonlyMap<string, RowChange>,
  besides: UpdateFilter<StoredRow> = {},
): AnyBulkWriteOperation<R>[] {
  return [...changes].map(([_id, { max, set }]) => {
    const isEmpty = Object.keys(set).length === 0;
    const update = { $max: Object.fromEntries(max), ...(isEmpty ? {} : { $set: set }), ...besides };
    // The paths are computed, so the driver's types cannot check them.
    return { updateOne: { filter: { _id }, update, upsert: true } } as unknown as AnyBulkWriteOperation<R>;
  });
}

/** Returns all combinations of at least one name, each in the order of the names. */
function combinationsOf(names: readonly string[]): string[][] {
  const [first, ...others] = names;
  if (first === undefined) return [];
  const combinations = combinationsOf(others);
  return [[first], ...combinations.map((names) => [first, ...names]), ...combinations];
}
