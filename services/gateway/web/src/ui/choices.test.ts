import { expect, it } from 'vitest';
import { choiceOf, choices } from './choices.ts';

const all = choices(0, { OPEN: [1, 'Open'], SHUT: [2, 'Shut'] });

it('a filter is named in the address as the API names the status', () => {
  expect(choiceOf(all, 'SHUT')).toEqual({ value: 'SHUT', name: 'Shut', code: 2 });
});

it('an address without a filter, or with one that is none, shows all', () => {
  expect(choiceOf(all, undefined).code).toBe(0);
  expect(choiceOf(all, 'shut').code).toBe(0);
});
