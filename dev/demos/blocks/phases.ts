import type { DemoOptions, DemoPhase } from '../demo.ts';
import type { Habit } from '../users.ts';
import { sentenceStart } from './words.ts';

/** Length of the first phase. */
export const HEALTHY_SECONDS = 2;
const REST_MS = 250;

/** The first phase, without changes. */
export function healthyPhase(habit: Habit): DemoPhase {
  return { name: 'healthy', title: 'Everything is well', seconds: HEALTHY_SECONDS, habit };
}

/** The last phase: the callee's fault is over. */
export function wellPhase(callee: string, seconds: number, habit: Habit): DemoPhase {
  return { name: 'well', title: `${sentenceStart(callee)} is well again`, seconds, habit };
}

/** Phases of a fault of the callee that comes and goes. Users rest for a moment after each answer. */
export function faultPhases(
  callee: string,
  { users, seconds }: DemoOptions,
  fault: Pick<DemoPhase, 'name' | 'title' | 'changes'>,
  wellSeconds: number,
): DemoPhase[] {
  const habit = { users, restMs: REST_MS };
  return [healthyPhase(habit), { ...fault, seconds, habit }, wellPhase(callee, wellSeconds, habit)];
}
