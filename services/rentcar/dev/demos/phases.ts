import type { Change } from '../../../../dev/demos/changes.ts';
import type { DemoPhase } from '../../../../dev/demos/demo.ts';

/** Length of the first phase, in which everything is well. */
export const HEALTHY_SECONDS = 2;
const REST_MS = 250;

/** The phase in which car has a fault. */
interface FaultPhase {
  readonly name: string;
  readonly title: string;
  readonly seconds: number;
  readonly change: Change;
}

/** Makes the phases of a fault of car that comes and goes, while users rest for a moment after each answer. */
export function faultPhases(users: number, { name, title, seconds, change }: FaultPhase, wellSeconds: number): DemoPhase[] {
  const habit = { users, restMs: REST_MS };
  return [
    { name: 'healthy', title: 'Everything is well', seconds: HEALTHY_SECONDS, habit },
    { name, title, seconds, habit, changes: [change] },
    { name: 'well', title: 'Car is well again', seconds: wellSeconds, habit },
  ];
}
