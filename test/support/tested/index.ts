import type { Tested } from './tested.ts';

/** The system that the tests of this run are about: RENTMESH_TESTED says which. */
export const tested: Tested =
  process.env.RENTMESH_TESTED === 'kubernetes' ? (await import('./kubernetes.ts')).kubernetes : (await import('./laptop.ts')).laptop;
