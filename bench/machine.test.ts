import { describe, expect, it } from 'vitest';
import { calibrate, measureOthers } from './machine.ts';

/** Microseconds of CPU that this process uses for some work. */
function cpuOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

describe('calibrate', () => {
  it('uses more CPU for more steps, so the loop is not optimised away', () => {
    calibrate(10_000_000);
    expect(cpuOf(() => calibrate(200_000_000))).toBeGreaterThan(4 * cpuOf(() => calibrate(10_000_000)));
  });
});

describe('measureOthers', () => {
  it('counts what this process does as work of others unless it is subtracted', () => {
    const usage = () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    };
    const [all, others] = [measureOthers(() => 0), measureOthers(usage)];
    calibrate();
    const [withOwn, withoutOwn] = [all(), others()];
    expect(withOwn).toBeGreaterThan(withoutOwn);
  });
});
