import { setTimeout as sleep } from 'node:timers/promises';
import type { ProcessStatus } from '../../dev/laptop/process-spec.ts';
import { eventually } from '../support/eventually.ts';
import { control } from '../support/instance.ts';
import type { Findings } from './findings.ts';
import type { Protocol } from './orders.ts';
import type { Random } from './random.ts';

/** A blow of a round: when, to which process, and how long the process is frozen; undefined where it is killed. */
export interface Blow {
  readonly victim: string;
  /** Milliseconds after the beginning of the load. */
  readonly atMs: number;
  readonly freezeMs: number | undefined;
}

/** Replicas and engines that start again take their time on a busy machine. */
const RECOVERY_MS = 90_000;

/** Broken connections and streams may show this long after every process is ready again: a client may use a dead connection late. */
const AFTERMATH_MS = 10_000;

/** Draws victims so that each process is one before any is again. */
export class Deck {
  readonly #random: Random;
  #left: string[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  draw(names: readonly string[]): string {
    this.#left = this.#left.filter((name) => names.includes(name));
    if (this.#left.length === 0) this.#left = this.#random.shuffle(names);
    const name = this.#left.pop();
    if (name === undefined) throw new RangeError('there is no process to draw');
    return name;
  }
}

/** Plans the blows of a round: one, or a second one while the first victim recovers. */
export function plan(random: Random, deck: Deck, names: readonly string[], roundMs: number): Blow[] {
  const freezeMs = () => (random.chance(0.25) ? random.integer(1000, 4000) : undefined);
  const atMs = random.integer(Math.floor(roundMs * 0.15), Math.floor(roundMs * 0.5));
  const first = { victim: deck.draw(names), atMs, freezeMs: freezeMs() };
  if (!random.chance(0.35)) return [first];
  const others = names.filter((name) => name !== first.victim);
  return [first, { victim: deck.draw(others), atMs: atMs + random.integer(50, 2500), freezeMs: freezeMs() }];
}

/** One line for a person: `kafka killed at 2.1 s`. */
export function describeBlow({ victim, atMs, freezeMs }: Blow): string {
  const what = freezeMs === undefined ? 'killed' : `frozen for ${(freezeMs / 1000).toFixed(1)} s`;
  return `${victim} ${what} at ${(atMs / 1000).toFixed(1)} s`;
}

/** Deals the blows of a round, and knows which victims' effects clients may still see. */
export class Blows {
  readonly #blows: readonly Blow[];
  readonly #struck = new Set<string>();
  /** When every process was ready again. */
  #recoveredAt = Number.POSITIVE_INFINITY;

  constructor(blows: readonly Blow[]) {
    this.#blows = blows;
  }

  /** Whether a connection of a client may break now: the process at its other end is a victim. */
  mayBreakConnections(protocol: Protocol): boolean {
    return this.#affects('edge') || (protocol === 'Connect' && this.#affects('edge/gateway-1'));
  }

  /** Whether a stream may end now: some process was struck. */
  mayEndStreams(): boolean {
    return [...this.#struck].some((name) => this.#affects(name));
  }

  #affects(victim: string): boolean {
    return this.#struck.has(victim) && Date.now() < this.#recoveredAt + AFTERMATH_MS;
  }

  /** Deals the blows at their times. Whatever happens, no process stays frozen. */
  async deal(): Promise<void> {
    const begun = Date.now();
    const dealing = this.#blows.map(async (blow) => {
      await sleep(begun + blow.atMs - Date.now());
      await this.#strike(blow);
    });
    const results = await Promise.allSettled(dealing);
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  }

  async #strike({ victim, freezeMs }: Blow): Promise<void> {
    this.#struck.add(victim);
    if (freezeMs === undefined) return await control.kill(victim, 'SIGKILL');
    try {
      await control.kill(victim, 'SIGSTOP');
      await sleep(freezeMs);
    } finally {
      await control.kill(victim, 'SIGCONT');
    }
  }

  /** Waits until everything is ready again, and holds the restarts against those before: only what was killed has one more. */
  async recovered(before: readonly ProcessStatus[], findings: Findings): Promise<void> {
    const killed = new Set(this.#blows.filter(({ freezeMs }) => freezeMs === undefined).map(({ victim }) => victim));
    const after = await eventually(
      'every process is ready again',
      async () => {
        const { processes } = await control.status();
        const missing = processes.filter(({ state }) => state !== 'ready').map(({ name, state }) => `${name} is ${state}`);
        const alive = processes.filter(({ name, restarts }) => killed.has(name) && restarts === restartsOf(before, name));
        if (missing.length + alive.length > 0) throw new Error([...missing, ...alive.map(({ name }) => `${name} has not died`)].join(', '));
        return processes;
      },
      RECOVERY_MS,
    );
    this.#recoveredAt = Date.now();
    for (const { name, restarts, lastExit } of after) {
      const expected = restartsOf(before, name) + (killed.has(name) ? 1 : 0);
      if (restarts !== expected)
        findings.violation(`${name} was started ${restarts} times instead of ${expected}; it ended with ${JSON.stringify(lastExit)}`);
    }
  }
}

function restartsOf(processes: readonly ProcessStatus[], name: string): number {
  return processes.find((each) => each.name === name)?.restarts ?? 0;
}
