import { describe, expect, it } from 'vitest';
import { Mypage_Status } from '#proto/rentcar/mypage/v1/mypage.ts';
import { mypages } from './mypages.ts';

const { RESERVED, ALLOCATED, CANCELLED, COMPLETED } = Mypage_Status;

const statusOf = (event: string) => mypages.events.find(({ type }) => type.$type.endsWith(`.${event}`))?.status ?? 0;

describe('the status of a view', () => {
  it.each<[string, string[], Mypage_Status]>([
    ['only the reservation was published', ['CarReserved'], RESERVED],
    ['both services published', ['CarReserved', 'CarAllocated'], ALLOCATED],
    ['the reservation is cancelled, the allocation not yet', ['CarReserved', 'ReservationCancelled', 'CarAllocated'], CANCELLED],
    ['the cancelled allocation arrived without the allocation', ['CarReserved', 'AllocationCancelled'], CANCELLED],
    ['a use was completed although the reservation was cancelled', ['ReservationCancelled', 'CarAllocated', 'UseCompleted'], COMPLETED],
  ])('is the greatest of its events when %s', (_, events, status) => {
    expect(Math.max(...events.map(statusOf))).toBe(status);
  });
});
