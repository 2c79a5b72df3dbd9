import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { systems } from '../../dev/systems/systems.ts';

/** Files of the system tests that stop or kill parts of the shared system: they run after all others, in this order. */
const LAST: readonly string[] = [
  ...['test/kit/orderly-stop', 'test/rentcar/outages', 'test/rentcar/failpoints', 'test/rentcar/crashes', 'test/soak/'],
  ...['test/commands', 'test/readme', 'test/restart'],
];

/** Folders of the systems that tests add to the instance (`runSystem`): they run after all others, so that these find the default systems. */
const ADDED = systems.filter(({ startsByDefault }) => startsByDefault !== true).map(({ name }) => `test/${name}/`);

/** Sorts the system tests by name, those that stop parts of the system last, so that runs can be compared; all others as Vitest does. */
export class Sequencer extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isSystem = ({ project }: TestSpecification) => project.name === 'system';
    const others = await super.sort(files.filter((file) => !isSystem(file)));
    return [...others, ...files.filter(isSystem).toSorted(bySafetyAndName)];
  }
}

function bySafetyAndName(a: TestSpecification, b: TestSpecification): number {
  return rank(a) - rank(b) || a.moduleId.localeCompare(b.moduleId);
}

function rank({ moduleId }: TestSpecification): number {
  return [...LAST, ...ADDED].findIndex((name) => moduleId.includes(`/${name}`));
}
