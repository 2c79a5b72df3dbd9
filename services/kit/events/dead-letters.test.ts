import { describe, expect, it } from 'vitest';
import { deadLetter, revive } from './dead-letters.ts';

const record = {
  topic: 'shop.order.v1',
  partition: 3,
  offset: '17',
  key: Buffer.from('k'),
  value: Buffer.from('v'),
  headers: { ce_id: '1', ce_type: 'shop.order.v1.Ordered', tag: 'a', bytes: '\ufffd' },
  // A name that occurs twice, and bytes that are no UTF-8.
  rawHeaders: { ce_id: '1', ce_type: 'shop.order.v1.Ordered', tag: ['a', Buffer.from('b')], bytes: Buffer.from([0xff]) },
};

describe('a dead letter', () => {
  it('is the record, with why, whence and when', () => {
    expect(deadLetter(record, 'shop.stock', 'cannot\n be  applied', new Date(0))).toEqual({
      topic: 'shop.order.v1.dlq',
      key: record.key,
      value: record.value,
      headers: {
        ...record.rawHeaders,
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
    const { topic, headers } = deadLetter(record, 'g', 'r', new Date());
    const letter = { ...record, topic, headers: { 'dlq-topic': record.topic }, rawHeaders: headers };
    const { key, value, rawHeaders } = record;
    expect(revive(letter)).toEqual({ topic: record.topic, key, value, headers: rawHeaders });
  });

  it('that says no topic cannot be revived', () => {
    expect(revive(record)).toBeUndefined();
  });
});
