// Runs the soak by hand on the instance of the tests: `npm run soak -- [--rounds N] [--seed N] [--round-seconds S] [--keep]`.
import { parseArgs } from 'node:util';
import setup from '../support/global-setup.ts';
import { edge } from '../support/instance.ts';
import { SoakFailure } from './findings.ts';
import { newSeed } from './seed.ts';
import { soak } from './soak.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    seed: { type: 'string' },
    'round-seconds': { type: 'string', default: '12' },
    keep: { type: 'boolean', default: false },
  },
});
const [rounds, roundSeconds, seed] = [values.rounds, values['round-seconds'], values.seed ?? newSeed()].map(Number);
if (![rounds, roundSeconds, seed].every((value) => Number.isSafeInteger(value) && Number(value) >= 0)) {
  console.error('usage: npm run soak -- [--rounds N] [--seed N] [--round-seconds S] [--keep]');
  process.exit(2);
}

const stop = await setup();
try {
  console.log(`${rounds} rounds with seed ${seed}`);
  await soak({ seed: Number(seed), rounds: Number(rounds), roundSeconds: Number(roundSeconds), report: console.log });
  console.log('Every promise was kept.');
} catch (error) {
  console.error(error instanceof SoakFailure ? error.message : error);
  process.exitCode = 1;
}
if (values.keep) {
  console.log(`The system stays at ${edge.url} until Ctrl-C.`);
  await new Promise<void>((resolve) => process.once('SIGINT', resolve));
}
await stop();
