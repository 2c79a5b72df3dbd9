import { beforeAll, expect, it } from 'vitest';
import { prove } from '../../services/rentalbook/dev/proof.ts';
import { edge } from '../support/instance.ts';
import { runSystem } from '../support/systems.ts';
import { libraryAgrees } from './support.ts';

beforeAll(() => runSystem('rentalbook'));

it('the self-proof holds twice, and leaves all services in agreement', async () => {
  const steps: string[] = [];
  for (const _ of [1, 2]) await prove(edge.url, (step, result) => void steps.push(`${step}: ${result}`));
  expect(steps).toContain('mypage follows: ON_RENTAL (BOOKING, START_RENTAL)');
  expect(steps.filter((step) => step === 'rejected by event: REJECTED (NOT_RESERVED)')).toHaveLength(2);
  await libraryAgrees();
});
