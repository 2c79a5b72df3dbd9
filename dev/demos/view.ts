import type { DemoPhase } from './demo.ts';
import type { DemoSecond } from './record.ts';
import type { Replica } from './replica.ts';

/** A way to show a demonstration: a terminal, a web page, a test. */
export interface DemoView {
  /** Called before the first phase. @param callees the replicas that seconds tell of */
  begin?(callees: readonly Replica[]): void;
  /** Called when a phase begins; with undefined after the last one. */
  phase?(phase: DemoPhase | undefined): void;
  /** Called several times in each second, and at its end. @param index counted from 0 */
  second?(second: DemoSecond, index: number, isOver: boolean): void;
}
