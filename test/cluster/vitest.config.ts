import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { root } from '../../dev/paths.mjs';
import { chosenSystem, defaultSystem } from './support/choice.ts';

/** The cluster's own tests first, then those that a laptop runs too; each in the order of their names, so that runs can be compared. */
class ByName extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => a.moduleId.localeCompare(b.moduleId));
  }
}

/** Tests that use the default system, and those of the manifests once more, since here is an istioctl. */
const OF_THE_DEFAULT = ['dev/manifests/**/*.test.ts', 'test/cluster/**/*.test.ts', 'test/resilience/**/*.test.ts'];

export default defineConfig({
  root,
  test: {
    name: 'cluster',
    include: [`test/${chosenSystem}/cluster.test.ts`, ...(chosenSystem === defaultSystem() ? OF_THE_DEFAULT : [])],
    environment: 'node',
    env: { RENTMESH_TESTED: 'kubernetes' },
    globalSetup: ['test/cluster/support/global-setup.ts'],
    // The files share one running system and stop parts of it: one after the other, in one process.
    fileParallelism: false,
    isolate: false,
    sequence: { sequencer: ByName },
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
