import { beforeAll } from 'vitest';
import { describeExamples } from '../edge/support/examples.ts';
import { eventually } from '../support/eventually.ts';
import { runSystem } from '../support/systems.ts';
import { rentalsAgree, request } from './support/rentals.ts';

beforeAll(() => runSystem('rentalsvc'));

describeExamples(['rentalsvc'], {
  settled: rentalsAgree,
  healed: async () => {
    await eventually('a rental is accepted', () => request('1', 1));
  },
  unsent: [],
});
