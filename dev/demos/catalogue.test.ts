import { describe, expect, it } from 'vitest';
import { findDemo, type ListedDemo, nameOf } from './catalogue.ts';
import type { Demo } from './demo.ts';

const listed = (system: string, name: string): ListedDemo => ({
  system,
  // A name is all that the catalogue reads.
  demo: { name } as Demo,
});
const [rentalsCircuit, coffeeCircuit, retries] = [listed('rentals', 'circuit'), listed('coffee', 'circuit'), listed('coffee', 'retries')];
const all = [rentalsCircuit, coffeeCircuit, retries];

describe('the catalogue of demonstrations', () => {
  it('finds a demonstration by its name alone where no other system has the name', () => {
    expect(findDemo('retries', all)).toBe(retries);
    expect(findDemo('coffee/retries', all)).toBe(retries);
  });

  it('wants the system where several have the name', () => {
    expect(() => findDemo('circuit', all)).toThrow('several systems have a demonstration "circuit": rentals/circuit, coffee/circuit');
    expect(findDemo('coffee/circuit', all)).toBe(coffeeCircuit);
  });

  it('lists the names where none is found', () => {
    expect(() => findDemo('nothing', all)).toThrow('there are: rentals/circuit, coffee/circuit, retries');
  });

  it('uses the shortest name that means one demonstration', () => {
    expect(all.map((each) => nameOf(each, all))).toEqual(['rentals/circuit', 'coffee/circuit', 'retries']);
  });
});
