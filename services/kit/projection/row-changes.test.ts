import { describe, expect, it } from 'vitest';
import { PoisonEvent } from '../events/events.ts';
import { newId } from '../runtime/ids.ts';
import { changeReader, changeThatMade, type RowChange } from './row-changes.ts';
import { Charged, type Delivered, delivered, items, lifeOf, Opened, Refused, STATUS } from './testing.ts';

const itemId = newId();

function changesOf(deliveries: readonly Delivered[]) {
  return changeReader(items)(
    deliveries.map(({ event }) => event),
    deliveries.map(({ envelope }) => envelope),
  );
}

function changeOf(deliveries: readonly Delivered[]): RowChange | undefined {
  return changesOf(deliveries).rows.get(itemId);
}

describe('the change of a row by several events', () => {
  it.each([
    ['in reverse', [4, 3, 2, 1, 0]],
    ['twice', [0, 2, 0, 1, 3, 4, 2, 1]],
  ])('is the same in every order: %s', (_, order) => {
    const life = lifeOf(itemId);
    expect(changeOf(order.flatMap((index) => life[index] ?? []))).toEqual(changeOf(life));
  });

  it('keeps the greatest status and the newest version of each source', () => {
    const { max } = changeOf(lifeOf(itemId)) ?? {};
    expect(max?.get('status')).toBe(STATUS.REFUNDED);
    expect(max?.get('front')).toEqual({ version: 2, negatedTime: -3000 });
    expect(max?.get('ledger')).toEqual({ version: 2, negatedTime: -4000 });
  });

  it('keeps the earliest time of an event that was published twice', () => {
    const refused = (time: number) => delivered(Charged, { itemId, version: 1, usageId: 'one' }, time);
    for (const order of [
      [1, 9],
      [9, 1],
    ])
      expect(changeOf(order.map(refused))?.max.get('ledger')).toEqual({ version: 1, negatedTime: -1 });
  });

  it('takes a field that changes from the highest version', () => {
    const events = [1, 2].map((time) => delivered(Refused, { itemId, reason: `reason ${time}` }, time));
    for (const order of [events, events.toReversed()])
      expect(changeOf(order)?.max.get('latest.reason')).toEqual({ version: 2, value: 'reason 2' });
  });
});

describe('events that do not name the key', () => {
  it('are kept under their alias, and the link connects it with the row', () => {
    const { aliases, links } = changesOf(lifeOf(itemId, 'usage'));
    expect(links).toEqual([{ alias: 'usage', key: itemId }]);
    expect(aliases.get('usage')?.set).toEqual({ place: 'here' });
  });
});

describe('a stored row', () => {
  it('gives the change back that made it', () => {
    const stored = {
      status: 1,
      times: { Opened: -1 },
      latest: { reason: { version: 1, value: 'r' } },
      front: { version: 1, negatedTime: -1 },
      owner: 'o',
    };
    const { max, set } = changeThatMade(stored, ['front']);
    expect(set).toEqual({ owner: 'o' });
    expect(Object.fromEntries(max)).toEqual({
      status: 1,
      'times.Opened': -1,
      'latest.reason': { version: 1, value: 'r' },
      front: { version: 1, negatedTime: -1 },
    });
  });
});

describe('an event with a field that is no UUID', () => {
  it.each([
    ['the key', { itemId: 'x', ownerId: newId() }],
    ['another field', { itemId, ownerId: 'x' }],
  ])('is refused: %s', (_, fields) => {
    expect(() => changesOf([delivered(Opened, { version: 1, owner: 'o', ...fields })])).toThrow(PoisonEvent);
  });
});

describe('a projection', () => {
  it('refuses a source with the name of a field', () => {
    const events = items.events.map((rule) => ({ ...rule, source: 'owner' }));
    expect(() => changeReader({ ...items, events })).toThrow(/owner/);
  });
});
