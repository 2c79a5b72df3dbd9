import { beforeAll } from 'vitest';
import { describeExamples } from '../edge/support/examples.ts';
import { runSystem } from '../support/systems.ts';
import { allAgree, order } from './support.ts';

beforeAll(() => runSystem('starcoffee'));

describeExamples(['starcoffee'], {
  settled: allAgree,
  healed: async () => {
    await order();
  },
  unsent: ['OrderService.CancelOrder/cancelling'],
});
