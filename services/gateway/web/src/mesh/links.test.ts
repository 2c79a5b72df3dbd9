import { describe, expect, it } from 'vitest';
import { linksOf, reasonInWords } from './links.ts';
import { meshWith } from './testing.ts';

const toReservation = { caller: 'edge', callee: 'reservation' };

describe('links', () => {
  it('are one for a caller and a callee, however many subsets are called', () => {
    const links = linksOf(meshWith(toReservation, { ...toReservation, subset: 'reserve' }, { caller: 'reservation', callee: 'car' }));
    expect(links.map(({ id, parts }) => [id, parts.map(({ name }) => name)])).toEqual([
      ['edge→reservation', ['edge → reservation', 'edge → reservation, reserve']],
      ['reservation→car', ['reservation → car']],
    ]);
  });

  it('have rates of a second, and of response times the slowest', () => {
    const links = linksOf(
      meshWith(
        { ...toReservation, calls: 10, successes: 9, retries: 4, p99Ms: 20 },
        { ...toReservation, subset: 'reserve', calls: 10, successes: 10, p99Ms: 90 },
      ),
    );
    expect(links[0]).toMatchObject({ calls: 10, failed: 0.5, success: 0.95, retries: 2, p50: undefined, p99: 90 });
  });

  it('know no success rate without calls', () => {
    expect(linksOf(meshWith(toReservation))[0]).toMatchObject({ calls: 0, success: undefined, isUsed: false, isOpen: false });
  });

  it('are open as soon as the circuit of one subset is, and name each ejected replica once', () => {
    const destinations = [{ name: 'reservation-1', ejected: true }, { name: 'reservation-2' }];
    const [link] = linksOf(
      meshWith({ ...toReservation, destinations }, { ...toReservation, subset: 'reserve', destinations, circuit: { open: true } }),
    );
    expect(link).toMatchObject({ isOpen: true, ejected: ['reservation-1'] });
  });

  it('count what was refused whatever the reason', () => {
    expect(linksOf(meshWith({ ...toReservation, refused: 2, noReplica: 4 }))[0]?.refused).toBe(3);
  });
});

describe('the reason of an open circuit', () => {
  it('is told in words, and as it comes where there are none', () => {
    const [call] = meshWith({ ...toReservation, circuit: { open: true, reasons: ['all ejected', 'something new'] } }).calls;
    expect(call && reasonInWords(call)).toBe('every replica is ejected, something new');
  });
});
