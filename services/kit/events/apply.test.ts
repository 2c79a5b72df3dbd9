import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Database, Tx } from '../postgres/database.ts';
import { newId } from '../runtime/ids.ts';
import { EventApplier } from './apply.ts';
import type { IncomingRecord } from './dead-letters.ts';
import { type EventHandler, onBatch, PoisonEvent } from './events.ts';
import type { OutgoingRecord, Publisher } from './kafka.ts';

const log = pino({ level: 'silent' });
const TYPE = 'shop.order.v1.Ordered';

/** A database whose transactions roll `effects` back when they fail. */
class FakeDatabase implements Database {
  effects: string[] = [];
  transactions = 0;

  query(): never {
    throw new Error('applying events runs no statement of its own');
  }

  insertWithEvents(): never {
    return this.query();
  }

  page(): never {
    return this.query();
  }

  async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    this.transactions++;
    const before = [...this.effects];
    try {
      const refuse = () => this.query();
      return await work({ query: refuse, write: refuse, append: refuse, schedule: refuse, cancelJobs: refuse });
    } catch (error) {
      this.effects = before;
      throw error;
    }
  }
}

class FakePublisher implements Publisher {
  readonly sent: OutgoingRecord[] = [];
  async send(records: readonly OutgoingRecord[]): Promise<void> {
    this.sent.push(...records);
  }
  async close(): Promise<void> {}
}

let offset = 0;
let database: FakeDatabase;
let publisher: FakePublisher;
let failures: Map<string, unknown[]>;
let calls: string[][];

beforeEach(() => {
  database = new FakeDatabase();
  publisher = new FakePublisher();
  failures = new Map();
  calls = [];
});

const Ordered = { $type: TYPE, encode: (text: string) => ({ finish: () => Buffer.from(text) }), decode };

const handler: EventHandler = onBatch(Ordered, async (texts, _tx, envelopes) => {
  calls.push([...texts]);
  expect(envelopes.map(({ key }) => key)).toEqual(texts);
  for (const text of texts) {
    database.effects.push(text);
    const error = failures.get(text)?.shift();
    if (error !== undefined) throw error;
  }
});

function decode(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString();
  if (text === 'garbled') throw new Error('invalid wire type');
  return text;
}

function record(
  text: string,
  headers: Record<string, string> = { ce_id: newId(), ce_time: '2026-01-01T00:00:00Z', ce_type: TYPE },
): IncomingRecord {
  return {
    topic: 'shop.order.v1',
    partition: 0,
    offset: String(offset++),
    key: Buffer.from(text),
    value: Buffer.from(text),
    headers,
    rawHeaders: headers,
  };
}

function applier(withDatabase: boolean): EventApplier {
  return new EventApplier({ group: 'shop.stock', handlers: [handler], database: withDatabase ? database : undefined }, publisher, log);
}

const never = new AbortController().signal;

const lost = () => Object.assign(new Error('connection lost'), { code: '57P01' });

describe('events with a database', () => {
  it('are applied in order by one call in one transaction', async () => {
    const records = ['a', 'b', 'c'].map((text) => record(text));
    await applier(true).apply(records, never);
    expect(calls).toEqual([['a', 'b', 'c']]);
    expect(database.transactions).toBe(1);
  });

  it('of which one fails permanently are applied except that one, which is dead-lettered', async () => {
    failures.set('b', Array(3).fill(new PoisonEvent('no such thing')));
    const records = ['a', 'b', 'c'].map((text) => record(text));
    await applier(true).apply(records, never);
    expect(database.effects).toEqual(['a', 'c']);
    expect(publisher.sent.map(({ key, headers }) => [String(key), headers['dlq-reason']])).toEqual([['b', 'no such thing']]);
  });

  it('of several partitions are applied in one transaction, and one that fails for good holds up no other partition', async () => {
    failures.set('c', Array(3).fill(new PoisonEvent('no such thing')));
    const events = applier(true);
    await Promise.all(['a', 'b'].map((text) => events.apply([record(text)], never)));
    expect([calls, database.transactions]).toEqual([[['a', 'b']], 1]);
    await Promise.all(
      [['c'], ['d', 'e']].map((texts) =>
        events.apply(
          texts.map((text) => record(text)),
          never,
        ),
      ),
    );
    expect(database.effects).toEqual(['a', 'b', 'd', 'e']);
    expect(publisher.sent.map(({ key }) => String(key))).toEqual(['c']);
  });

  it('that fail transiently are left, with the error, and those before a poison event are settled', async () => {
    const error = lost();
    failures
      .set('b', [error])
      .set('d', [error])
      .set('c', [new PoisonEvent('bad'), new PoisonEvent('bad'), new PoisonEvent('bad')]);
    const ab = ['a', 'b'].map((text) => record(text));
    expect(await applier(true).apply(ab, never)).toEqual({ settled: 0, error });
    expect([database.effects, publisher.sent]).toEqual([[], []]);
    const abcd = ['a', 'b', 'c', 'd'].map((text) => record(text));
    expect(await applier(true).apply(abcd, never)).toEqual({ settled: 3, error });
    expect(database.effects).toEqual(['a', 'b']);
    expect(publisher.sent.map(({ key }) => String(key))).toEqual(['c']);
  });

  it('with U+0000 in a text are dead-lettered, also where a database would store it', async () => {
    const records = ['a', 'b\0', 'c'].map((text) => record(text));
    await applier(false).apply(records, never);
    expect(calls.flat()).toEqual(['a', 'c']);
    expect(publisher.sent.map(({ key, headers }) => [String(key), headers['dlq-reason']])).toEqual([['b\0', 'a text contains U+0000']]);
  });

  it('are never dead-lettered after the stop', async () => {
    failures.set('a', [new PoisonEvent('bad')]);
    const stopped = AbortSignal.abort(new Error('stopping'));
    expect(await applier(true).apply([record('a')], stopped)).toEqual({ settled: 0, error: stopped.reason });
    expect(publisher.sent).toEqual([]);
  });

  it('of which one is poison cost few transactions', async () => {
    failures.set('p', Array(20).fill(new PoisonEvent('bad')));
    const records = Array.from({ length: 256 }, (_, index) => record(index === 100 ? 'p' : String(index)));
    expect(await applier(true).apply(records, never)).toEqual({ settled: 256 });
    expect(database.effects).toHaveLength(255);
    expect(publisher.sent.map(({ key }) => String(key))).toEqual(['p']);
    expect(database.transactions).toBeLessThanOrEqual(1 + 2 * 8);
  });
});

describe('records that cannot be applied', () => {
  it.each([
    ['no event', record('a', {}), /no ce_id/],
    ['an event whose id is no UUID', record('a', { ce_id: '1', ce_time: '2026-01-01T00:00:00Z', ce_type: TYPE }), /not a UUID/],
    ['an event that cannot be decoded', record('garbled'), /invalid wire type/],
    ['an event without content', { ...record('a'), value: null }, /no value/],
  ])('become dead letters: %s', async (_, poison, reason) => {
    await applier(true).apply([poison, record('z')], never);
    expect(database.effects).toEqual(['z']);
    expect(publisher.sent.map(({ headers }) => headers['dlq-reason'])).toEqual([expect.stringMatching(reason)]);
  });

  it('are skipped if no handler handles their type', async () => {
    await applier(true).apply([record('a', { ce_id: newId(), ce_time: '2026-01-01T00:00:00Z', ce_type: 'shop.order.v1.Other' })], never);
    expect([database.effects, publisher.sent]).toEqual([[], []]);
  });
});

describe('events without a database', () => {
  it('are applied by one call, and only those that fail permanently are dead-lettered', async () => {
    failures.set('a', [new PoisonEvent('bad'), new PoisonEvent('bad'), new PoisonEvent('bad')]);
    await applier(false).apply(
      ['a', 'b', 'c'].map((text) => record(text)),
      never,
    );
    expect(calls[0]).toEqual(['a', 'b', 'c']);
    expect(new Set(database.effects)).toEqual(new Set(['a', 'b', 'c']));
    expect(publisher.sent.map(({ key }) => String(key))).toEqual(['a']);
    expect(database.transactions).toBe(0);
  });
});
