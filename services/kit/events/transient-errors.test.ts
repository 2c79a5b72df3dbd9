import { createServer } from 'node:net';
import { MongoClient, MongoServerError } from 'mongodb';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { isPermanent } from './deliveries.ts';
import { isStoreBusy, isStoreUnavailable } from './transient-errors.ts';

/** Returns a local port without a listener. */
async function closedPort(): Promise<number> {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(address !== null && typeof address === 'object' ? address.port : 0);
    });
  });
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function postgres(code: string): Error {
  const error = new pg.DatabaseError('x', 1, 'error');
  error.code = code;
  return error;
}

const mongo = (code: number) => new MongoServerError({ message: 'x', code });

/** The error that a promise rejects with. */
const errorOf = (work: Promise<unknown>): Promise<unknown> => work.then(() => undefined).catch((error: unknown) => error);

describe('an error of a database', () => {
  it.each([
    ['connection failure', postgres('08006')],
    ['disk full', postgres('53100')],
    ['out of memory', postgres('53200')],
    ['too many connections', postgres('53300')],
    ['admin shutdown', postgres('57P01')],
    ['crash shutdown', postgres('57P02')],
    ['cannot connect now', postgres('57P03')],
    ['idle session timeout', postgres('57P05')],
    ['system error', postgres('58000')],
    ['I/O error', postgres('58030')],
    ['undefined file', postgres('58P01')],
    ['read-only server', postgres('25006')],
    ['idle in transaction timeout', postgres('25P03')],
    ['transaction timeout', postgres('25P04')],
    ['database that accepts no connections', postgres('55000')],
    ['MongoDB host unreachable', mongo(6)],
    ['MongoDB file not open', mongo(33)],
    ['MongoDB file stream failed', mongo(39)],
    ['MongoDB write concern timeout', mongo(64)],
    ['MongoDB network timeout', mongo(89)],
    ['MongoDB shutdown in progress', mongo(91)],
    ['MongoDB primary stepped down', mongo(189)],
    ['MongoDB not primary', mongo(10107)],
    ['MongoDB interrupted at shutdown', mongo(11600)],
    ['MongoDB interrupted by a change of the replica set', mongo(11602)],
    ['MongoDB out of disk space', mongo(14031)],
  ])('means that the store is unavailable, and dead-letters nothing: %s', (_, error) => {
    expect([isStoreUnavailable(error), isPermanent(error)]).toEqual([true, false]);
  });

  it.each([
    ['serialization failure', postgres('40001')],
    ['deadlock', postgres('40P01')],
    ['lock not available', postgres('55P03')],
    ['query cancelled', postgres('57014')],
    ['MongoDB lock timeout', mongo(24)],
    ['MongoDB time limit', mongo(50)],
    ['MongoDB write conflict', mongo(112)],
    ['MongoDB interrupted', mongo(11601)],
  ])('means that the store is busy, and dead-letters nothing: %s', (_, error) => {
    expect([isStoreBusy(error), isPermanent(error)]).toEqual([true, false]);
  });

  it.each([
    ['unique violation', postgres('23505')],
    ['undefined column', postgres('42703')],
    ['character that cannot be stored', postgres('22021')],
    ['MongoDB duplicate key', mongo(11000)],
    ['MongoDB document validation', mongo(121)],
    ['an error that is no database’s', Object.assign(new Error('x'), { code: 91 })],
  ])('is permanent: %s', (_, error) => {
    expect([isStoreUnavailable(error), isStoreBusy(error), isPermanent(error)]).toEqual([false, false, true]);
  });
});

describe('a real driver', () => {
  it('cannot reach a MongoDB, for a write as for a bulk of writes', async () => {
    const client = new MongoClient(`mongodb://127.0.0.1:${await closedPort()}`, { serverSelectionTimeoutMS: 50 });
    const things = client.db('shop').collection('things');
    expect(isStoreUnavailable(await errorOf(things.updateOne({}, { $set: { a: 1 } })))).toBe(true);
    expect(isStoreUnavailable(await errorOf(things.bulkWrite([{ insertOne: { document: {} } }], { ordered: false })))).toBe(true);
    await client.close();
  });

  it('cannot use a closed pool of PostgreSQL connections', async () => {
    const pool = new pg.Pool();
    await pool.end();
    const error = await errorOf(pool.connect());
    expect(error).toMatchObject({ message: expect.stringContaining('Cannot use a pool') });
    expect([isStoreUnavailable(error), isPermanent(error)]).toEqual([true, false]);
  });

  it('cannot use a closed PostgreSQL connection', async () => {
    const client = new pg.Client({ host: '127.0.0.1', port: await closedPort() });
    expect(isStoreUnavailable(await errorOf(client.connect()))).toBe(true);
    await client.end().catch(() => undefined);
    expect(isStoreUnavailable(await errorOf(client.query('select 1')))).toBe(true);
  });
});
