import { copyFileSync, existsSync, renameSync, statSync, truncateSync } from 'node:fs';

/** When logs are rotated. */
export interface RotationSettings {
  /** Size from which a log is rotated, in bytes. */
  readonly limit: number;
  /** Time between two looks at the sizes while logs grow fast, in milliseconds. */
  readonly pause: number;
  /** The same at rest. */
  readonly restPause: number;
}

/** A look costs one stat for each log. */
export const ROTATION: RotationSettings = { limit: 16 * 1024 * 1024, pause: 1_000, restPause: 30_000 };

/** Old logs that are kept: `car-1.log.1` is the newest of them. */
export const KEPT_LOGS = 3;

/** A log that grows by this share of its limit between two looks grows fast. */
const FAST = 1 / 64;

/**
 * Moves the content of a log into `<log>.1`, that of `<log>.1` into `<log>.2`, and so on. The log itself stays: its process
 * has it open and goes on at its new end (O_APPEND). Lines that are written between the copy and the cut are lost.
 */
export function rotate(log: string): void {
  for (let number = KEPT_LOGS - 1; number > 0; number--)
    if (existsSync(`${log}.${number}`)) renameSync(`${log}.${number}`, `${log}.${number + 1}`);
  copyFileSync(log, `${log}.1`);
  truncateSync(log);
}

/**
 * Keeps logs from growing without bound, until it is ended. A log and its old ones take at most KEPT_LOGS + 1 times the limit,
 * plus what is written between two looks.
 *
 * @param logs the paths of the logs that there are now
 * @returns what ends it
 */
export function rotateLogs(logs: () => readonly string[], settings: RotationSettings = ROTATION): () => void {
  let sizes = new Map<string, number>();
  let timer: NodeJS.Timeout;
  const look = () => {
    const now = new Map(logs().map((log): [string, number] => [log, sizeOf(log)]));
    const grewFast = [...now].some(([log, size]) => size - (sizes.get(log) ?? 0) > settings.limit * FAST);
    for (const [log, size] of now) if (size > settings.limit) now.set(log, rotateOrLeave(log, size));
    sizes = now;
    timer = setTimeout(look, grewFast ? settings.pause : settings.restPause).unref();
  };
  look();
  return () => clearTimeout(timer);
}

function sizeOf(log: string): number {
  return statSync(log, { throwIfNoEntry: false })?.size ?? 0;
}

/** Rotates a log. A full disk must not end the supervisor: the next look tries again. @returns the size that it has then */
function rotateOrLeave(log: string, size: number): number {
  try {
    rotate(log);
    return 0;
  } catch {
    return size;
  }
}
