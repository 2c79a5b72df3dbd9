import { it } from 'vitest';
import { newSeed } from './seed.ts';
import { soak } from './soak.ts';

/** SOAK_SEED repeats a run. */
const seed = Number(process.env.SOAK_SEED ?? newSeed());

it(`three rounds of mixed load with victims keep every promise (seed ${seed})`, { timeout: 600_000 }, async () => {
  await soak({ seed, rounds: 3, roundSeconds: 8, report: (line) => console.log(`  ${line}`) });
});
