import { chooseSystems } from '../../../dev/systems/systems.ts';

/** The system whose overlay the tests of this run apply: `npm run test:cluster -- --system NAME`, by default the one that `npm start` runs. */
export const chosenSystem: string = process.env.RENTMESH_TESTED_SYSTEM ?? defaultSystem();

/** The system that runs where none is named. */
export function defaultSystem(): string {
  const [first] = chooseSystems([]);
  if (first === undefined) throw new Error('no system starts by default');
  return first.name;
}
