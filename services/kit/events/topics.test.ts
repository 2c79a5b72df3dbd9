import { describe, expect, it } from 'vitest';
import { topicOf } from './topics.ts';

describe('the topic of an event', () => {
  it('is the proto package of its message', () => {
    expect(topicOf('rentcar.reservation.v1.CarReserved')).toBe('rentcar.reservation.v1');
  });

  it('ends with the audience that the message names', () => {
    expect(topicOf('rentcar.reservation.v1.StockReleaseRequested')).toBe('rentcar.reservation.v1.stock');
  });

  it('is the proto package of a message that no contract has', () => {
    expect(topicOf('shop.order.v1.Ordered')).toBe('shop.order.v1');
  });
});
