import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { root } from '../../dev/paths.mjs';

/** The cluster's own tests first, then those that a laptop runs too; each in the order of their names, so that runs can be compared. */
class ByName extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => a.moduleId.localeCompare(b.moduleId));
  }
}

export default defineConfig({
  root,
  test: {
    name: 'cluster',
    // The manifests' tests once more, since here is an istioctl.
    include: ['dev/manifests/**/*.test.ts', 'test/cluster/**/*.test.ts', 'test/resilience/**/*.test.ts'],
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
