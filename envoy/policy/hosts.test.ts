import { describe, expect, it } from 'vitest';
import { completeHost, mostSpecific, overlap } from './hosts.ts';

describe('hosts', () => {
  it('are completed by the namespace and domain of the rule that names them', () => {
    expect(completeHost('car', 'rentcar', 'cluster.local')).toBe('car.rentcar.svc.cluster.local');
    expect(completeHost('car', 'rentcar', '')).toBe('car.rentcar');
    expect(completeHost('car.other', 'rentcar', 'cluster.local')).toBe('car.other');
    expect(completeHost('*', 'rentcar', 'cluster.local')).toBe('*');
  });

  it('overlap as patterns do', () => {
    expect(overlap('*.foo.com', 'a.foo.com')).toBe(true);
    expect(overlap('*.foo.com', 'foo.com')).toBe(false);
    expect(overlap('*.com', '*.foo.com')).toBe(true);
    expect(overlap('a.foo.com', 'b.foo.com')).toBe(false);
  });

  it('are covered by the same host before a pattern, and by a long pattern before a short one', () => {
    const rules = new Map([
      ['*', 1],
      ['*.svc.cluster.local', 2],
      ['*.rentcar.svc.cluster.local', 3],
      ['car.rentcar.svc.cluster.local', 4],
    ]);
    expect(mostSpecific('car.rentcar.svc.cluster.local', rules)).toBe(4);
    expect(mostSpecific('rental.rentcar.svc.cluster.local', rules)).toBe(3);
    expect(mostSpecific('payment.starcoffee.svc.cluster.local', rules)).toBe(2);
    expect(mostSpecific('example.com', rules)).toBe(1);
  });
});
