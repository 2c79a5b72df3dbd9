import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Collection, type Filter, MongoClient, type Sort } from 'mongodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isStoreUnavailable } from '../../services/kit/events/transient-errors.ts';
import { mongo } from './mongo.ts';

interface Item {
  readonly _id: string;
  readonly user: string;
  readonly state?: number;
}

const data = mkdtempSync(join(tmpdir(), 'rentmesh-emulator-'));
let port: number;
let server: ChildProcess;
let client: MongoClient;

/** Starts the emulator. `maxFileBlocks`: the size in KiB at which the kernel refuses to write to a file. */
async function start(maxFileBlocks: number | 'unlimited' = 'unlimited'): Promise<void> {
  const spec = mongo({ kind: 'emulator' }, { host: '127.0.0.1', port }, data);
  if (spec === undefined) throw new Error('the emulator is a process');
  const limited = ['-c', `ulimit -f ${maxFileBlocks}; exec "$0" "$@"`, spec.command, ...spec.args];
  server = spawn('bash', limited, { stdio: 'ignore' });
  const deadline = Date.now() + 30_000;
  while (!(await spec.ready())) if (Date.now() > deadline) throw new Error('the emulator is not ready');
  client = new MongoClient(`mongodb://127.0.0.1:${port}/test`, { serverSelectionTimeoutMS: 2000, retryWrites: false, retryReads: false });
}

async function kill(): Promise<void> {
  await client.close();
  if (server.exitCode !== null || server.signalCode !== null) return;
  server.kill('SIGKILL');
  await once(server, 'exit');
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}

function items(name: string): Collection<Item> {
  return client.db().collection<Item>(name);
}

const id = (number: number) => String(number).padStart(6, '0');

async function scannedObjects(): Promise<number> {
  const { metrics } = await client.db('admin').command({ serverStatus: 1 });
  return metrics.queryExecutor.scannedObjects;
}

beforeAll(async () => {
  port = await freePort();
  await start();
}, 60_000);

afterAll(async () => {
  await kill();
  rmSync(data, { recursive: true, force: true });
});

describe('queries of the MongoDB emulator', () => {
  const indexed = () => items('indexed');
  const plain = () => items('plain');
  const documents = Array.from({ length: 3000 }, (_, number): Item => {
    const state = number % 7 === 0 ? {} : { state: number % 3 };
    return { _id: id(number), user: `user ${number % 10}`, ...state };
  });

  beforeAll(async () => {
    await indexed().createIndex({ user: 1, _id: 1 });
    await indexed().createIndex({ state: 1, _id: 1 });
    await indexed().insertMany(documents);
    // An index over documents that are there; the others are filled as documents are written.
    await indexed().createIndex({ user: 1, state: 1, _id: 1 });
    await plain().insertMany(documents);
    const changes = documents.slice(0, 900).map(({ _id, user, state = 5 }, number) => {
      if (number % 3 === 0) return { deleteOne: { filter: { _id } } };
      return { updateOne: { filter: { _id }, update: { $set: { user: `${user}0`, state } }, upsert: true } };
    });
    await indexed().bulkWrite(changes);
    await plain().bulkWrite(changes);
  }, 60_000);

  it.each<[string, Filter<Item>]>([
    ['no filter', {}],
    ['a deep page', { _id: { $gt: id(2500) } }],
    ['one field', { user: 'user 7' }],
    ['another field', { state: 1 }],
    ['two fields', { user: 'user 7', state: 1 }],
    ['a deep page of two fields', { user: 'user 7', state: 1, _id: { $gt: id(1500) } }],
  ])('read no more documents than they return: %s', async (_, filter) => {
    const before = await scannedObjects();
    const found = await indexed().find(filter).sort({ _id: 1 }).limit(20).toArray();
    expect(found).toHaveLength(20);
    expect((await scannedObjects()) - before).toBeLessThanOrEqual(20);
  });

  it.each<[Filter<Item>, Sort]>([
    [{}, { _id: 1 }],
    [{}, { user: 1, state: 1, _id: -1 }],
    [{ _id: { $in: [id(7), id(3), id(3), 'none'] } }, { _id: 1 }],
    [{ _id: { $gt: id(100), $lte: id(2000) }, state: { $ne: 1 } }, { _id: -1 }],
    [{ user: 'user 30' }, { state: 1, _id: 1 }],
    [{ user: { $in: ['user 2', 'user 40'] } }, { user: 1, _id: 1 }],
    [{ user: { $gte: 'user 5' }, state: { $lt: 2 } }, { _id: 1 }],
    // A missing field, as null; a pattern; alternatives: what an index of this emulator does not narrow.
    [{ state: { $exists: false } }, { _id: 1 }],
    [{ user: /0$/ }, { _id: 1 }],
    [{ $or: [{ state: 0 }, { user: 'user 1' }] }, { _id: 1 }],
  ])('find with indexes what they find without: %j by %j', async (filter, sort) => {
    const found = await indexed().find(filter).sort(sort).toArray();
    expect(found).toEqual(await plain().find(filter).sort(sort).toArray());
    expect(found.length).toBeGreaterThan(0);
  });

  it('find a document by an array in an indexed field once', async () => {
    const arrays = client.db().collection<{ _id: string; tags: string[] }>('arrays');
    await arrays.createIndex({ tags: 1 });
    await arrays.insertMany([
      { _id: 'a', tags: ['x', 'y'] },
      { _id: 'b', tags: ['y'] },
    ]);
    expect(await arrays.find({ tags: { $gte: 'x' } }).toArray()).toHaveLength(2);
    expect(await arrays.find({ tags: 'x' }).toArray()).toEqual([{ _id: 'a', tags: ['x', 'y'] }]);
  });

  it('find a document once whose indexed time changed', async () => {
    const times = client.db().collection<{ _id: string; at: Date }>('times');
    await times.createIndex({ at: 1 });
    for (let change = 0; change < 20; change++) await times.updateOne({ _id: 'a' }, { $currentDate: { at: true } }, { upsert: true });
    const found = await times.find({ at: { $gt: new Date(0) } }).toArray();
    expect(found).toHaveLength(1);
    expect(await times.find({ at: { $gt: found[0]?.at ?? new Date(0) } }).toArray()).toEqual([]);
  });

  it('refuse a second document with the values of a unique index', async () => {
    const unique = items('unique');
    await unique.createIndex({ user: 1 }, { unique: true });
    await unique.insertOne({ _id: 'a', user: 'u' });
    await expect(unique.insertOne({ _id: 'b', user: 'u' })).rejects.toMatchObject({ code: 11000 });
    await expect(unique.insertOne({ _id: 'a', user: 'v' })).rejects.toMatchObject({ code: 11000 });
    await unique.updateOne({ _id: 'a' }, { $set: { user: 'w' } });
    await unique.insertOne({ _id: 'b', user: 'u' });
  });

  it('read all of a collection, also while it changes', async () => {
    const seen: string[] = [];
    for await (const { _id } of plain().find().batchSize(100)) {
      seen.push(_id);
      if (seen.length === 150) await plain().insertOne({ _id: 'z', user: 'new' });
    }
    expect(seen).toEqual([...documents.map(({ _id }) => _id).filter((_id) => seen.includes(_id)), 'z']);
    expect(seen).toHaveLength(await plain().countDocuments());
  });

  it('end at their maxTimeMS', async () => {
    const endless = plain().find({ $or: [{ user: 'nobody' }, { user: 'no one' }] }, { maxTimeMS: 1 });
    await expect(endless.toArray()).rejects.toMatchObject({ code: 50 });
  });
});

describe('the file of the MongoDB emulator', () => {
  it('holds after kill -9 what was acknowledged', async () => {
    for (let number = 0; number < 50; number++) await items('killed').insertOne({ _id: id(number), user: 'u' });
    await kill();
    await start();
    expect(await items('killed').countDocuments()).toBe(50);
    expect(await items('indexed').find({ user: 'user 7' }).toArray()).not.toHaveLength(0);
  }, 60_000);

  it('keeps the keys of an index, whatever their type', async () => {
    const mixed = () => client.db().collection<{ _id: string; value?: unknown }>('mixed');
    await mixed().createIndex({ value: 1, _id: 1 });
    const values = [
      null,
      undefined,
      -1.5,
      0,
      7,
      2 ** 40,
      '',
      'a',
      'straße',
      '東京',
      '🚗',
      { of: 'car' },
      true,
      new Date(-1),
      new Date(1e12),
    ];
    await mixed().insertMany(values.map((value, number) => ({ _id: id(number), ...(value === undefined ? {} : { value }) })));
    await mixed().updateOne({ _id: id(0) }, { $set: { value: 'now a text' } });
    const found = async () => {
      const sorted = await mixed().find().sort({ value: 1, _id: 1 }).toArray();
      const each = await Promise.all(sorted.map(({ _id, value = null }) => mixed().findOne({ _id, value })));
      expect(each).toEqual(sorted);
      return sorted;
    };
    const before = await found();
    expect(before).toHaveLength(values.length);
    await kill();
    await start();
    expect(await found()).toEqual(before);
  }, 60_000);

  it('that cannot be written is a lost connection, and holds what was acknowledged', async () => {
    await kill();
    const largest = Math.max(...readdirSync(data).map((file) => statSync(join(data, file)).size));
    await start(Math.ceil(largest / 1024) + 4096);
    const acknowledged: string[] = [];
    let refusal: unknown;
    for (let number = 0; refusal === undefined && number < 1000; number++) {
      try {
        const written = Array.from({ length: 20 }, (_, part): Item => ({ _id: `${id(number)}-${part}`, user: 'x'.repeat(5000) }));
        await items('full').bulkWrite(written.map((document) => ({ insertOne: { document } })));
        acknowledged.push(...written.map(({ _id }) => _id));
      } catch (error) {
        refusal = error;
      }
    }
    expect(isStoreUnavailable(refusal)).toBe(true);
    expect(acknowledged.length).toBeGreaterThan(0);
    await expect.poll(() => server.exitCode, { timeout: 10_000 }).toBe(1);
    await kill();
    await start();
    const held = new Set(await items('full').distinct('_id'));
    expect(acknowledged.filter((_id) => !held.has(_id))).toEqual([]);
  }, 120_000);
});
