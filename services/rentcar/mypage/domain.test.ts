import { describe, expect, it } from 'vitest';
import { type Known, statusOf } from './domain.ts';

const reserved = { version: 1, status: 'RESERVED' } as const;
const cancelled = { version: 2, status: 'CANCELLED' } as const;
const allocated = { version: 1, status: 'ALLOCATED' } as const;
const deallocated = { version: 2, status: 'CANCELLED' } as const;
const completed = { version: 2, status: 'COMPLETED' } as const;

describe('what a customer sees', () => {
  it.each<[string, Known, string]>([
    ['only the reservation has told', { reservation: reserved }, 'RESERVED'],
    ['the allocation arrived before the reservation', { rental: allocated }, 'ALLOCATED'],
    ['both have told', { reservation: reserved, rental: allocated }, 'ALLOCATED'],
    ['the reservation is cancelled, the allocation not yet', { reservation: cancelled, rental: allocated }, 'CANCELLED'],
    ['the cancelled allocation arrived first', { reservation: reserved, rental: deallocated }, 'CANCELLED'],
    ['a use was completed although a cancellation came late', { reservation: cancelled, rental: completed }, 'COMPLETED'],
    ['the use was completed', { reservation: reserved, rental: completed }, 'COMPLETED'],
  ])('when %s', (_, known, status) => {
    expect(statusOf(known)).toBe(status);
  });
});
