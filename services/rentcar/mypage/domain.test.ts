import { describe, expect, it } from 'vitest';
import { Mypage_Status } from '#proto/rentcar/mypage/v1/mypage.ts';
import { prevailing, STATUS, type Status } from './domain.ts';

const { RESERVED: reserved, ALLOCATED: allocated, CANCELLED: cancelled, COMPLETED: completed } = STATUS;

describe('the status of a view', () => {
  it.each<[string, Status[], Status]>([
    ['only the reservation was published', [reserved], reserved],
    ['both services published', [reserved, allocated], allocated],
    ['the reservation is cancelled, the allocation not yet', [reserved, cancelled, allocated], cancelled],
    ['the cancelled allocation arrived without the allocation', [reserved, cancelled], cancelled],
    ['a use was completed although the reservation was cancelled', [cancelled, allocated, completed], completed],
  ])('is independent of the order of events when %s', (_, events, status) => {
    expect(events.reduce(prevailing)).toBe(status);
    expect(events.toReversed().reduce(prevailing)).toBe(status);
  });

  it('has the number that the contract gives it', () => {
    expect(Mypage_Status).toEqual(expect.objectContaining(STATUS));
  });
});
