import { setTimeout as sleep } from 'node:timers/promises';
import { type Control, controlClient, NotRunning } from '../../laptop/control.ts';
import { type Topology, topologyFromEnvironment } from '../../laptop/topology.ts';
import { rowsBetween } from '../rates.ts';
import { sidecarsOf } from '../sidecars.ts';
import { type Sample, sample } from '../stats.ts';
import { formatView, type View } from './view.ts';

export const STATUS_USAGE = `status [--once] [--json] [--all] [--interval=SECONDS]
      the live sidecars: calls, retries, open circuits, ejected replicas; refreshes until Ctrl-C.
      --once (and any output that is no terminal) prints one interval and ends, --json so as JSON, --all also what was never called`;

/** Options that are switched on by being there. */
export const STATUS_OPTIONS = ['--once', '--json', '--all'];
/** The option that has a value. */
export const INTERVAL = /^--interval=(\d+(?:\.\d+)?)$/;

const DEFAULT_INTERVAL_SECONDS = 1;
/** A terminal's second page, so that the table does not push away what was there; meanwhile no cursor, and long lines are cut off. */
const [ENTER, LEAVE] = ['\u001b[?1049h\u001b[?25l\u001b[?7l', '\u001b[?7h\u001b[?25h\u001b[?1049l'];

/** Shows the live sidecars. @returns the exit code */
export async function statusCommand(args: readonly string[]): Promise<number> {
  const interval = 1000 * Number(args.map((arg) => INTERVAL.exec(arg)?.[1]).find(Boolean) ?? DEFAULT_INTERVAL_SECONDS);
  const topology = topologyFromEnvironment();
  const control = controlClient(topology.state.socket);
  const watcher = new Watcher(topology, control, args.includes('--all'));
  try {
    await watcher.look();
    if (process.stdout.isTTY && !args.includes('--once') && !args.includes('--json')) return await refresh(watcher, interval);
    await sleep(interval);
    const view = await watcher.look();
    const { status, rows, silent } = view;
    const json = { at: new Date().toISOString(), ready: status.ready, policy: status.policy, silent, rows };
    process.stdout.write(args.includes('--json') ? `${JSON.stringify(json, null, 1)}\n` : `${formatView(view)}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof NotRunning)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}

/** Looks again and again; each look tells what has happened since the one before. */
class Watcher {
  readonly #topology: Topology;
  readonly #control: Control;
  readonly #all: boolean;
  #last: Sample | undefined;

  constructor(topology: Topology, control: Control, all: boolean) {
    this.#topology = topology;
    this.#control = control;
    this.#all = all;
  }

  async look(): Promise<View> {
    const status = await this.#control.status();
    const next = await sample(sidecarsOf(this.#topology, status));
    const rows = rowsBetween(this.#last, next);
    this.#last = next;
    return { status, rows, silent: next.silent, all: this.#all };
  }
}

/** Draws over and over until Ctrl-C; the terminal is then as it was. */
async function refresh(watcher: Watcher, interval: number): Promise<number> {
  const ended = new AbortController();
  const end = (): void => ended.abort();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, end);
  process.stdout.write(ENTER);
  try {
    while (!ended.signal.aborted) {
      const text = formatView(await watcher.look());
      const lines = text.split('\n').slice(0, (process.stdout.rows || 100) - 1);
      // Each line is cleared behind its end, and the page behind the last line: nothing flickers, nothing old stays.
      process.stdout.write(`\u001b[H${lines.map((line) => `${line}\u001b[K`).join('\n')}\u001b[J`);
      await sleep(interval, undefined, { signal: ended.signal }).catch(() => undefined);
    }
    return 0;
  } finally {
    process.stdout.write(LEAVE);
  }
}
