import { describe, expect, it } from 'vitest';
import { DemoRecord } from './record.ts';
import type { CircuitSample, DemoSample, Traffic } from './traffic.ts';
import type { Answer, Outcome } from './users.ts';

const callee = { name: 'car-1', address: '127.21.1.1' };
const FRONT = 'edge → front/guarded';
const TOLERANCE = 100;

function traffic(sent: number, ejected: boolean, circuits: Record<string, CircuitSample> = {}): Traffic {
  return {
    sent,
    retries: sent / 10,
    retriesLeft: 32,
    retriesRefused: 0,
    ejections: 0,
    replicas: new Map([[callee.address, { sent, ejected }]]),
    circuits: new Map(Object.entries(circuits)),
  };
}

/** Samples at 0, 500 and 1000 ms after the record's start, of circuits before the front. */
function samples(start: number, circuits: readonly CircuitSample[], ejectedAt = -1): DemoSample[] {
  return circuits.map((circuit, index) => ({
    at: start + index * 500,
    traffic: traffic(index * 20, index === ejectedAt),
    door: traffic(0, false, { [FRONT]: circuit }),
  }));
}

const closed: CircuitSample = { allEjected: false, refused: 3 };
const answer = (outcome: Outcome, start: number, took: number): Answer => ({ outcome, start, took, retryAfter: 0, text: '' });

describe('a second of a demonstration', () => {
  it('has the answers that came in it, by outcome, with their times', () => {
    const answers: Answer[] = [];
    const record = new DemoRecord(answers, [callee]);
    const at = record.start;
    answers.push(answer('succeeded', at, 10), answer('succeeded', at, 30), answer('refused', at, 4), answer('expired', at - 500, 600));
    answers.push(answer('succeeded', at + 900, 200));
    expect(record.between(at, at + 1000, TOLERANCE, '2 of 3')).toMatchObject({
      succeeded: 2,
      refused: 1,
      expired: 1,
      unexpected: 0,
      p50Ms: 30,
      refusedP99Ms: 4,
      extra: '2 of 3',
    });
  });

  it('has no times without answers', () => {
    const record = new DemoRecord([], [callee]);
    expect(record.between(record.start, record.start + 1000, TOLERANCE, '')).toMatchObject({
      succeeded: 0,
      p50Ms: undefined,
      refusedP99Ms: undefined,
    });
  });

  it('counts the calls and retries of its own time, and names who was ejected', () => {
    const record = new DemoRecord([], [callee]);
    record.samples.push(...samples(record.start, [closed, closed, closed], 1));
    expect(record.between(record.start, record.start + 1000, TOLERANCE, '')).toMatchObject({
      retries: 4,
      replicas: [{ name: 'car-1', sent: 40, ejected: true }],
      openCircuits: [],
    });
    expect(record.between(record.start + 1000, record.start + 2000, TOLERANCE, '').replicas).toEqual([
      { name: 'car-1', sent: 0, ejected: false },
    ]);
  });

  it.each<[string, CircuitSample]>([
    ['has all replicas ejected', { allEjected: true, refused: 3 }],
    ['refused calls since the sample before', { allEjected: false, refused: 5 }],
  ])('names a circuit that %s, once', (_, open) => {
    const record = new DemoRecord([], [callee]);
    record.samples.push(...samples(record.start, [closed, open, open]));
    expect(record.between(record.start, record.start + 1000, TOLERANCE, '').openCircuits).toEqual([FRONT]);
  });
});

describe('a phase', () => {
  it('has the answers to requests that were sent in it', () => {
    const answers: Answer[] = [];
    const record = new DemoRecord(answers, [callee]);
    answers.push(answer('succeeded', record.start - 1, 500));
    const end = record.begin('slow');
    answers.push(answer('succeeded', performance.now(), 500), answer('refused', performance.now(), 5));
    end();
    answers.push(answer('succeeded', performance.now() + 1, 500));
    expect(record.answersOf('slow').length).toBe(2);
    expect(record.answersOf('slow', 'refused').length).toBe(1);
    expect(() => record.answersOf('well')).toThrow('there was no phase well');
  });
});
