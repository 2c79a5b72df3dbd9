import { afterEach, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { kubectl } from './support/command.ts';
import { applyFromOverlay } from './support/overlay.ts';
import { podsOf } from './support/pods.ts';

const CONFIG = 'rentcar-cm';
const STARTED_MS = 120_000;

const restore = () => applyFromOverlay(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === CONFIG);

afterEach(restore);

it('without rentcar-cm a pod does not start and says which ConfigMap is missing; the old pod serves on; adding it heals', async () => {
  const [before] = await podsOf('rentcar', 'rental');
  await kubectl(['delete', 'configmap', '-n', 'rentcar', CONFIG]);
  await kubectl(['rollout', 'restart', '-n', 'rentcar', 'deployment/rental']);
  const told = await eventually(
    'the new pod says what it waits for',
    async () => {
      const pods = await podsOf('rentcar', 'rental');
      const waiting = pods.find(({ waiting: reason }) => reason === 'CreateContainerConfigError');
      expect(waiting?.message).toContain(CONFIG);
      expect(pods.find(({ name }) => name === before?.name)).toMatchObject({ ready: true, leaving: false });
      return waiting?.message;
    },
    STARTED_MS,
  );
  console.log(`  ${told}`);
  const begin = performance.now();
  await restore();
  await kubectl(['rollout', 'status', '-n', 'rentcar', 'deployment/rental', `--timeout=${STARTED_MS / 1000}s`], { limitMs: STARTED_MS });
  console.log(`  ready ${((performance.now() - begin) / 1000).toFixed(0)} s after it was added`);
});
