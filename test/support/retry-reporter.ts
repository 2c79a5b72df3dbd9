import type { Reporter, TestModule } from 'vitest/node';

/** Prints each test that passed only when it was repeated, with the error of its first try. */
export default class RetryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const repeated = modules.flatMap((module) => [...module.children.allTests('passed')]).filter((test) => test.diagnostic()?.flaky);
    for (const test of repeated) {
      const [first] = test.result().errors ?? [];
      const file = test.module.relativeModuleId;
      console.log(`\n  PASSED ONLY WHEN REPEATED: ${file} > ${test.fullName}\n${first?.stack ?? first?.message ?? 'without an error'}`);
    }
    if (repeated.length > 0) console.log(`\n  ${repeated.length} tests passed only when they were repeated.`);
  }
}
