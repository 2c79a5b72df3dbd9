import { describe, expect, it } from 'vitest';
import { fromResumeToken, isNewer, rowReader, toResumeToken } from './row.ts';
import { items, STATUS } from './testing.ts';

const stored = {
  ...{ _id: 'key', applyTime: new Date(9), status: STATUS.REFUNDED, owner: 'frequent' },
  front: { version: 2, negatedTime: -3000 },
  ledger: { version: 3, negatedTime: -4000 },
  times: { Refunded: -4000, Closed: -3000, Opened: -1000, Refused: -1500, Charged: -2000 },
  latest: { reason: { version: 1, value: 'limit' } },
};

describe('a row', () => {
  const row = rowReader(items)(stored);

  it('has its key, status, details and the time of its newest change', () => {
    expect(row).toMatchObject({ key: 'key', status: STATUS.REFUNDED, updateTime: new Date(4000) });
    expect(row.details).toEqual({ owner: 'frequent', reason: 'limit' });
  });

  it('has the times of its events, causes before effects', () => {
    expect([...row.times.keys()]).toEqual(['Opened', 'Refused', 'Charged', 'Closed', 'Refunded']);
    expect(row.times.get('Closed')).toEqual(new Date(3000));
  });

  it('has its states by rank, without events that give no status', () => {
    expect(row.states).toEqual([
      { status: STATUS.OPEN, time: new Date(1000) },
      { status: STATUS.CHARGED, time: new Date(2000) },
      { status: STATUS.CLOSED, time: new Date(3000) },
      { status: STATUS.REFUNDED, time: new Date(4000) },
    ]);
  });

  it('has the versions of its sources and the number of events as progress', () => {
    expect(row.progress).toEqual([2, 3, 0, 5]);
  });

  it('without history has neither times nor their number', () => {
    const { times: _, ...others } = stored;
    const plain = rowReader({ ...items, history: false })(others);
    expect(plain.states).toEqual([]);
    expect(plain.progress).toEqual([2, 3, 0]);
  });

  it('has status 0 before an event gave one', () => {
    expect(rowReader(items)({ _id: 'key', applyTime: new Date(9) }).status).toBe(0);
  });
});

describe('a resume token', () => {
  it('stands for a progress', () => {
    expect(fromResumeToken(toResumeToken([2, 0, 13]))).toEqual([2, 0, 13]);
  });

  it.each<[boolean, number[], string]>([
    [true, [1], ''],
    [true, [2, 0], '1-1'],
    [true, [1, 2], '1-1'],
    [true, [1, 1, 1], '1-1'],
    [false, [1, 1], '1-1'],
    [false, [1, 0], '2-1'],
  ])('is followed: %s, by %j after %j', (isFollowed, progress, token) => {
    expect(isNewer(progress, fromResumeToken(token))).toBe(isFollowed);
  });
});
