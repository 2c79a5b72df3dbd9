import { describe, expect, it } from 'vitest';
import { deadLetter, revive } from './dead-letters.ts';

const record = {
  topic: 'shop.order.v1',
  partition: 3,
  offset: '17',
  key: Buffer.from('k'),
  value: Buffer.from('v'),
  headers: { ce_id: '1', ce_type: 'shop.order.v1.Ordered' },
};

describe('a dead letter', () => {
  it('is the record, with why, whence and when', () => {
    expect(deadLetter(record, 'shop.stock', 'cannot\n be  applied', new Date(0))).toEqual({
      topic: 'shop.order.v1.dlq',
      key: record.key,
      value: record.value,
      headers: {
        ...record.headers,
        'dlq-reason': 'cannot be applied',
        'dlq-group': 'shop.stock',
        'dlq-topic': 'shop.order.v1',
        'dlq-partition': '3',
        'dlq-offset': '17',
        'dlq-time': '1970-01-01T00:00:00.000Z',
      },
    });
  });

  it('becomes the record that it was', () => {
    const letter = {
      ...record,
      ...deadLetter(record, 'g', 'r', new Date()),
      headers: textsOf(deadLetter(record, 'g', 'r', new Date()).headers),
    };
    expect(revive({ ...letter, key: record.key })).toEqual({
      topic: record.topic,
      key: record.key,
      value: record.value,
      headers: record.headers,
    });
  });

  it('that says no topic cannot be revived', () => {
    expect(revive(record)).toBeUndefined();
  });
});

function textsOf(headers: Readonly<Record<string, string | Buffer>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.toString()]));
}
