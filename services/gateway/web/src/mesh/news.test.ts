import { describe, expect, it } from 'vitest';
import type { Mesh } from '#proto/es/rentmesh/observer/v1/observer_pb.ts';
import { newsOf, type Reported } from './news.ts';
import { meshWith } from './testing.ts';

const toReservation = { caller: 'edge', callee: 'reservation', subset: 'reserve' };
const open = meshWith({ ...toReservation, circuit: { open: true, reasons: ['all ejected'] } });
const closed = meshWith(toReservation);
const ejected = meshWith({ caller: 'reservation', callee: 'car', destinations: [{ name: 'car-2', ejected: true }] });

/** What is reported of states that follow each other, one list for each. */
function reported(...states: readonly Mesh[]): string[][] {
  let before: Reported = new Map();
  return states.map((mesh, at) => {
    const { reported: next, items } = newsOf(before, mesh, at);
    before = next;
    return items.map(({ text }) => text);
  });
}

describe('news', () => {
  it('tell once that a circuit has opened, with the reason', () => {
    expect(reported(closed, open, open)).toEqual([[], ['Circuit open: edge → reservation, reserve (every replica is ejected).'], []]);
  });

  it('tell that it has closed when it stays closed', () => {
    expect(reported(open, closed, closed, closed, closed).slice(1)).toEqual([[], [], ['Circuit closed: edge → reservation, reserve.'], []]);
  });

  it('do not tell of each attempt of a circuit that goes on opening', () => {
    expect(reported(open, closed, open, closed, closed, open).flat()).toHaveLength(1);
  });

  it('tell who is ejected by whom, and when it is called again', () => {
    const well = meshWith({ caller: 'reservation', callee: 'car', destinations: [{ name: 'car-2' }] });
    expect(reported(ejected, well, well, well).flat()).toEqual([
      'car-2 is ejected: reservation leaves it alone.',
      'car-2 is called again by reservation.',
    ]);
  });
});
