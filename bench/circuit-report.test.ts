import { describe, expect, it } from 'vitest';
import { type CircuitPlay, p99BySecond, report } from './circuit-report.ts';

const refusalsAt = (second: number, count: number, ms: (index: number) => number) =>
  Array.from({ length: count }, (_, index) => ({ status: 503, reason: 'UPSTREAM_UNAVAILABLE', at: second * 1000 + index, ms: ms(index) }));

describe('p99BySecond', () => {
  it('has one figure for each second with enough refusals', () => {
    const answers = [...refusalsAt(5, 200, (index) => index + 1), ...refusalsAt(6, 99, () => 500), ...refusalsAt(7, 100, () => 3)];
    expect(p99BySecond(answers)).toEqual([199, 3]);
  });
});

describe('report', () => {
  it('keeps refusals, successes and other failures apart', () => {
    const play: CircuitPlay = {
      answers: [
        ...refusalsAt(1, 100, () => 4),
        { status: 200, reason: undefined, at: 1500, ms: 900 },
        { status: 503, reason: 'STOCK_UNCHECKED', at: 1600, ms: 1001 },
      ],
      recovery: { ms: 321, failures: 7 },
      calibration: 500,
      others: undefined,
    };
    const page = report('a cluster', { users: 50, seconds: 10, delay: [800, 1100] }, [play]);
    expect(page).toMatch(/^\| 1 +\| 1 +\| 100 +\| 1 +\| 4\.0 +\| 4\.0 +\| 4\.0 /m);
    expect(page).toContain('1 STOCK_UNCHECKED');
    expect(page).toMatch(/\| 321 +\| 7 +\| unknown /);
  });

  it('counts no recovery where the circuit was closed when the fault ended', () => {
    const plays = [
      { ms: 5, failures: 0 },
      { ms: 400, failures: 3 },
    ].map((recovery) => ({
      answers: refusalsAt(1, 100, () => 4),
      recovery,
      calibration: 500,
      others: 0.01,
    }));
    const page = report('a cluster', { users: 50, seconds: 10, delay: [800, 1100] }, plays);
    expect(page).toMatch(/recovery of the 1 plays that\s+ended with an open circuit p50 400\.0 ms/);
  });
});
