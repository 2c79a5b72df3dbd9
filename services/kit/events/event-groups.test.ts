import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Delivery } from './deliveries.ts';
import { groupsOf } from './event-groups.ts';
import type { EventHandler } from './events.ts';

const handlers = ['Ordered', 'Paid', 'Cancelled'].map(
  (name): EventHandler => ({ type: `shop.order.v1.${name}`, decode: (value) => value, apply: () => Promise.resolve() }),
);
const [Ordered, Paid] = handlers;

function delivery(handler: EventHandler | undefined, key: string, offset: number): Delivery {
  if (handler === undefined) throw new Error('a handler is needed');
  const place = { topic: 'shop.order.v1', partition: 0, offset: String(offset) };
  const envelope = { ...place, id: String(offset), type: handler.type, key, time: new Date(0), trace: {} };
  return { record: { ...place, key: Buffer.from(key), value: null, headers: {}, rawHeaders: {} }, envelope, handler, event: offset };
}

const offsets = (deliveries: readonly Delivery[]) => deliveries.map(({ envelope }) => Number(envelope.offset));

describe('groups of events', () => {
  it('have all events of a type as long as no key changes its type', () => {
    const deliveries = [delivery(Ordered, 'a', 0), delivery(Paid, 'b', 1), delivery(Ordered, 'c', 2), delivery(Paid, 'b', 3)];
    expect(groupsOf(deliveries).map((group) => offsets(group.deliveries))).toEqual([
      [0, 2],
      [1, 3],
    ]);
  });

  it('begin anew before a key changes its type', () => {
    const deliveries = [delivery(Ordered, 'a', 0), delivery(Ordered, 'b', 1), delivery(Paid, 'a', 2), delivery(Ordered, 'c', 3)];
    expect(groupsOf(deliveries).map((group) => offsets(group.deliveries))).toEqual([[0, 1], [2], [3]]);
  });

  it('have each event once, one handler each, and the events of each key in their order', () => {
    const arrivals = fc.array(fc.record({ handler: fc.constantFrom(...handlers), key: fc.constantFrom('a', 'b', 'c', 'd') }));
    fc.assert(
      fc.property(arrivals, (events) => {
        const deliveries = events.map(({ handler, key }, offset) => delivery(handler, key, offset));
        const groups = groupsOf(deliveries);
        const grouped = groups.flatMap((group) => group.deliveries);
        expect(offsets(grouped).toSorted((a, b) => a - b)).toEqual(offsets(deliveries));
        for (const group of groups) expect(group.deliveries.every(({ handler }) => handler === group.handler)).toBe(true);
        for (const ofKey of Map.groupBy(grouped, ({ envelope }) => envelope.key).values()) {
          expect(offsets(ofKey)).toEqual(offsets(ofKey).toSorted((a, b) => a - b));
        }
      }),
    );
  });
});
