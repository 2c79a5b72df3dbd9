import { expect, it } from 'vitest';
import { LENGTH, withState } from './history.ts';
import { linksOf } from './links.ts';
import { meshWith } from './testing.ts';

it('a history keeps the last minute of each link, and forgets links that are gone', () => {
  let history: ReturnType<typeof withState> = new Map();
  for (let i = 0; i < LENGTH + 5; i++)
    history = withState(history, linksOf(meshWith({ caller: 'edge', callee: 'car', calls: 2 * i, successes: 2 * i })));
  const points = history.get('edge→car') ?? [];
  expect(points).toHaveLength(LENGTH);
  expect(points.at(-1)?.calls).toBe(LENGTH + 4);
  expect(withState(history, linksOf(meshWith({ caller: 'edge', callee: 'rental' }))).has('edge→car')).toBe(false);
});
