import { type Failpoint, Failpoint_Action } from '#proto/rentmesh/fault/v1/fault.ts';
import { pause } from './waiting.ts';

/** The failpoints of this process by name; undefined where nothing is armed. */
const points = new Map<string, Failpoint | undefined>();

/** Ends the pauses that are under way. */
let disarm = new AbortController();

/**
 * Defines a failpoint: a place in the code where FaultService can kill or pause the process. Call and await the returned
 * function there.
 *
 * @param name the place, such as `relay.sent`; unique in a process
 */
export function failpoint(name: string): () => Promise<void> | undefined {
  points.set(name, undefined);
  return () => {
    const armed = points.get(name);
    return armed === undefined ? undefined : act(armed);
  };
}

/** Names of the defined failpoints, sorted. */
export function failpointNames(): string[] {
  return [...points.keys()].toSorted();
}

/** The failpoints that are still armed, with how often each still acts. */
export function armedFailpoints(): Failpoint[] {
  return [...points.values()].filter((armed) => armed !== undefined);
}

/** Arms these failpoints and no others. Pauses that are under way end. Ignores names that are not defined. */
export function armFailpoints(settings: readonly Failpoint[]): void {
  disarm.abort();
  disarm = new AbortController();
  for (const name of points.keys()) {
    const setting = settings.find((each) => each.name === name);
    points.set(name, setting && { ...setting, count: Math.max(1, setting.count) });
  }
}

async function act(armed: Failpoint): Promise<void> {
  if (armed.action === Failpoint_Action.KILL) {
    process.kill(process.pid, 'SIGKILL');
    // The signal may arrive a moment later; nothing after the failpoint may run.
    await new Promise<never>(() => undefined);
  }
  const count = armed.count - 1;
  points.set(armed.name, count === 0 ? undefined : { ...armed, count });
  await pause(armed.pauseMs, disarm.signal);
}
