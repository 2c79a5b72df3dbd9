import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../paths.mjs';
import { findDemo, type ListedDemo, listDemos, nameOf } from './catalogue.ts';
import type { Demo } from './demo.ts';
import { PolicyReader } from './policy.ts';

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

const everyDemo = (await listDemos()).map(({ system, demo }): [string, Demo] => [`${system}/${demo.name}`, demo]);

describe('the demonstrations of all systems', () => {
  const policies = new PolicyReader(join(root, 'mesh'));

  it.each(everyDemo)('%s depends on settings that the policies have, and its phases fit into their column', (_, demo) => {
    const notes = demo.clauses(policies).map(([{ text }, meaning]) => `${text} ${meaning}`);
    expect([demo.about(policies, demo.defaults), ...notes].join('\n')).not.toMatch(/undefined|NaN/);
    for (const { name } of demo.phases(demo.defaults)) expect(name).toMatch(/^[a-z-]{1,8}$/);
  });
});
