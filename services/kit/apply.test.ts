import { pino } from 'pino';
import { beforeEach, describe, expect, it } from 'vitest';
import { Attempt, EventApplier, Interrupted } from './apply.ts';
import type { Database, Tx } from './database.ts';
import type { IncomingRecord } from './dead-letters.ts';
import { type EventHandler, onBatch, PoisonEvent } from './events.ts';
import { newId } from './ids.ts';
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

  async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    this.transactions++;
    const before = [...this.effects];
    try {
      return await work({ query: () => this.query(), write: () => this.query(), append: () => this.query() });
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
  return { topic: 'shop.order.v1', partition: 0, offset: String(offset++), key: Buffer.from(text), value: Buffer.from(text), headers };
}

function applier(withDatabase: boolean): EventApplier {
  return new EventApplier({ group: 'shop.stock', handlers: [handler], database: withDatabase ? database : undefined }, publisher, log);
}

function attempt(going = () => true, heartbeat = () => Promise.resolve()): Attempt {
  return new Attempt({ log, heartbeat, going });
}

const lost = () => Object.assign(new Error('connection lost'), { code: '57P01' });

describe('events with a database', () => {
  it('are applied in order by one call in one transaction', async () => {
    const records = ['a', 'b', 'c'].map((text) => record(text));
    await applier(true).apply(records, attempt());
    expect(calls).toEqual([['a', 'b', 'c']]);
    expect(database.transactions).toBe(1);
  });

  it('of which one fails permanently are applied except that one, which is dead-lettered', async () => {
    failures.set('b', [new PoisonEvent('no such thing'), new PoisonEvent('no such thing')]);
    const records = ['a', 'b', 'c'].map((text) => record(text));
    await applier(true).apply(records, attempt());
    expect(database.effects).toEqual(['a', 'c']);
    expect(publisher.sent.map(({ key, headers }) => [String(key), headers['dlq-reason']])).toEqual([['b', 'no such thing']]);
  });

  it('of several partitions are applied in one transaction, and one that fails for good holds up no other partition', async () => {
    failures.set('c', [new PoisonEvent('no such thing'), new PoisonEvent('no such thing')]);
    const events = applier(true);
    await Promise.all(['a', 'b'].map((text) => events.apply([record(text)], attempt())));
    expect([calls, database.transactions]).toEqual([[['a', 'b']], 1]);
    await Promise.all(
      [['c'], ['d', 'e']].map((texts) =>
        events.apply(
          texts.map((text) => record(text)),
          attempt(),
        ),
      ),
    );
    expect(database.effects).toEqual(['a', 'b', 'd', 'e']);
    expect(publisher.sent.map(({ key }) => String(key))).toEqual(['c']);
  });

  it('whose store is lost are tried again until it is back', async () => {
    failures.set('b', [lost(), lost()]);
    await applier(true).apply(
      ['a', 'b'].map((text) => record(text)),
      attempt(),
    );
    expect(database.effects).toEqual(['a', 'b']);
    expect(publisher.sent).toEqual([]);
  });

  it('are left for another delivery, and never put aside, when the partition is lost while they wait', async () => {
    failures.set('a', [lost(), lost(), lost()]);
    await expect(
      applier(true).apply(
        [record('a')],
        attempt(() => false),
      ),
    ).rejects.toThrow(Interrupted);
    const rebalancing = () => Promise.reject(new Error('the group is rebalancing'));
    await expect(
      applier(true).apply(
        [record('a')],
        attempt(() => true, rebalancing),
      ),
    ).rejects.toThrow(Interrupted);
    expect(publisher.sent).toEqual([]);
    expect(database.effects).toEqual([]);
  });
});

describe('records that cannot be applied', () => {
  it.each([
    ['no event', record('a', {}), /no ce_id/],
    ['an event whose id is no UUID', record('a', { ce_id: '1', ce_time: '2026-01-01T00:00:00Z', ce_type: TYPE }), /not a UUID/],
    ['an event that cannot be decoded', record('garbled'), /invalid wire type/],
    ['an event without content', { ...record('a'), value: null }, /no value/],
  ])('become dead letters: %s', async (_, poison, reason) => {
    await applier(true).apply([poison, record('z')], attempt());
    expect(database.effects).toEqual(['z']);
    expect(publisher.sent.map(({ headers }) => headers['dlq-reason'])).toEqual([expect.stringMatching(reason)]);
  });

  it('are passed over if nobody handles their type', async () => {
    await applier(true).apply(
      [record('a', { ce_id: newId(), ce_time: '2026-01-01T00:00:00Z', ce_type: 'shop.order.v1.Other' })],
      attempt(),
    );
    expect([database.effects, publisher.sent]).toEqual([[], []]);
  });
});

describe('events without a database', () => {
  it('are applied by one call, and only those that fail permanently are dead-lettered', async () => {
    failures.set('a', [new PoisonEvent('bad'), new PoisonEvent('bad')]).set('b', [lost()]);
    await applier(false).apply(
      ['a', 'b', 'c'].map((text) => record(text)),
      attempt(),
    );
    expect(calls[0]).toEqual(['a', 'b', 'c']);
    expect(new Set(database.effects)).toEqual(new Set(['a', 'b', 'c']));
    expect(publisher.sent.map(({ key }) => String(key))).toEqual(['a']);
    expect(database.transactions).toBe(0);
  });
});
