import type { Faults } from '#proto/rentmesh/fault/v1/fault.ts';
import type { Habit } from './load.ts';
import type { CarPolicy, Clause } from './policy.ts';
import type { Replica } from './scene.ts';
import { seconds } from './words.ts';

/** What can be chosen of a demonstration. */
export interface Options {
  /** Users who reserve at the same time. */
  readonly users: number;
  /** How long the fault lasts. */
  readonly seconds: number;
}

/** What a demonstration does, apart from how it is shown: users reserve while a fault of car comes and goes. */
export interface Scenario {
  readonly name: 'circuit' | 'ejection' | 'retries' | 'timeout';
  readonly title: string;
  /** Replicas of car that it needs. */
  readonly replicas: number;
  readonly defaults: Options;
  /** What is about to happen, in some sentences. */
  readonly about: (policy: CarPolicy, options: Options) => string;
  /** Which lines of the policies decide it, and what each means. */
  readonly clauses: (policy: CarPolicy) => readonly (readonly [Clause, string])[];
  /** What is wrong with car when it is asked to take stock: with all replicas, or with the last one. */
  readonly fault: Partial<Faults>;
  readonly faulted: 'all' | 'last';
  /** The name of the phase in which it is. Those before and after are `healthy` and `well`. */
  readonly phase: string;
  /** What users do in each phase. */
  readonly habits: (options: Options) => { readonly healthy: Habit; readonly faulted: Habit; readonly well: Habit };
  /** How long the last phase is. */
  readonly wellSeconds: number;
  /** For how many seconds at most the fault goes on until the circuit opens. */
  readonly moreSeconds: number;
}

/** Who plays a scenario on a running system. */
export interface Player {
  readonly options: Options;
  readonly cars: readonly Replica[];
  /** What users do from now on. */
  users(habit: Habit): void;
  /** Waits for whole seconds, while the load goes on under this name. */
  phase(name: string, seconds: number): Promise<void>;
  readonly scene: {
    /** Makes a replica of car (or all: `car`) slow or wrong. */
    fault(name: string, faults: Partial<Faults>): Promise<void>;
    /** Ends all faults of car. */
    heal(): Promise<void>;
  };
  /** How often the circuit before reservation has opened since the fault began. */
  openings(): number;
}

/** Seconds before the fault: enough to see what is usual. */
const HEALTHY_SECONDS = 3;

/** How long a scenario takes at most, in seconds. */
export function length({ wellSeconds, moreSeconds }: Scenario, options: Options): number {
  return HEALTHY_SECONDS + options.seconds + moreSeconds + wellSeconds;
}

/** Plays a scenario, phase by phase. */
export async function enact({ habits, fault, faulted, phase, moreSeconds, wellSeconds }: Scenario, player: Player): Promise<void> {
  const { options, scene, cars } = player;
  const habit = habits(options);
  player.users(habit.healthy);
  await player.phase('healthy', HEALTHY_SECONDS);
  await scene.fault(faulted === 'all' ? 'car' : (cars.at(-1)?.name ?? ''), fault);
  player.users(habit.faulted);
  await player.phase(phase, options.seconds);
  for (let more = 0; more < moreSeconds && player.openings() === 0; more++) await player.phase(phase, 1);
  await scene.heal();
  player.users(habit.well);
  await player.phase('well', wellSeconds);
}

/** Users who rest for a moment after each answer, all the time. */
const steadily = ({ users }: Options) => {
  const habit = { users, rest: 250 };
  return { healthy: habit, faulted: habit, well: habit };
};

/** How long car takes, in milliseconds: of three calls about one is over the timeout of 1 s. */
const SLOW_SOMETIMES = { delayMsMin: 800, delayMsMax: 1100 };

/** A slow car: its callers are refused at once instead of waiting. */
export const CIRCUIT: Scenario = {
  name: 'circuit',
  title: 'a slow car, and who waits for it',
  replicas: 1,
  defaults: { users: 50, seconds: 10 },
  about: ({ timeout }, { users, seconds: length }) =>
    [
      'A few users reserve.',
      `After 3 s car takes ${SLOW_SOMETIMES.delayMsMin} to ${SLOW_SOMETIMES.delayMsMax} ms for each answer, for ${length} s, and ${users} users come.`,
      `What takes over ${seconds(timeout.value)} is given up; some in a row open the circuit:`,
      'users are refused at once (503, Retry-After) instead of waiting.',
    ].join(' '),
  clauses: ({ timeout, circuit }) => [
    [timeout, 'longest wait for car'],
    [circuit.consecutiveGatewayErrors, 'failures that open it'],
    [circuit.baseEjectionTime, 'open so long'],
    [circuit.interval, 'checked so often'],
    [circuit.maxEjectionPercent, 'all replicas'],
  ],
  fault: SLOW_SOMETIMES,
  faulted: 'all',
  phase: 'slow',
  habits: ({ users }) => ({
    healthy: { users: Math.min(10, users), rest: 250 },
    // As hey, siege and other load generators do: without any rest. What is refused comes back when it was told to.
    faulted: { users, rest: 0 },
    well: { users, rest: 500 },
  }),
  wellSeconds: 4,
  // It is a matter of luck how many calls in a row are over the timeout.
  moreSeconds: 5,
};

/** One of two replicas answers UNAVAILABLE: it is taken out, and comes back. */
export const EJECTION: Scenario = {
  name: 'ejection',
  title: 'one of two replicas is ill',
  replicas: 2,
  defaults: { users: 20, seconds: 8 },
  about: (_, options) =>
    [
      `${options.users} users reserve.`,
      `After 3 s one replica of car answers UNAVAILABLE to every call, for ${options.seconds} s:`,
      'after some failures in a row it is called no more, and tried again from time to time.',
      'Callers do not notice.',
      'Then it is well, and gets its share again.',
    ].join(' '),
  clauses: ({ consecutiveGatewayErrors, baseEjectionTime, interval, maxEjectionPercent, attempts }) => [
    [consecutiveGatewayErrors, 'failures that eject it'],
    [baseEjectionTime, 'longer each time'],
    [interval, 'checked so often'],
    [maxEjectionPercent, 'may be ejected'],
    [attempts, 'calls sent again'],
  ],
  fault: { errorRate: 1 },
  faulted: 'last',
  phase: 'ill',
  habits: steadily,
  wellSeconds: 6,
  moreSeconds: 0,
};

/** One of two replicas resets streams after its work is done: calls are sent again. */
export const RETRIES: Scenario = {
  name: 'retries',
  title: 'answers get lost, cars do not',
  replicas: 2,
  defaults: { users: 20, seconds: 8 },
  about: (_, options) =>
    [
      `${options.users} users reserve.`,
      `After 3 s one replica of car takes the stock, and then resets half of the calls instead of answering them, for ${options.seconds} s.`,
      `The caller's sidecar sends them again, to the other replica:`,
      'the same reservation id is the same stock.',
    ].join(' '),
  clauses: ({ retryOn, attempts, backoff, maxRetries, consecutiveGatewayErrors }) => [
    [retryOn, ''],
    [attempts, 'how often at most'],
    [backoff, 'before the first'],
    [maxRetries, 'how many at once'],
    [consecutiveGatewayErrors, 'resets that eject it'],
  ],
  fault: { resetRate: 0.5 },
  faulted: 'last',
  phase: 'resets',
  habits: steadily,
  wellSeconds: 3,
  moreSeconds: 0,
};

/** How long car takes, in milliseconds: half of the users' calls are over the timeout of 1 s. */
export const SLOW_HALF_OF_THE_TIME = { delayMsMin: 600, delayMsMax: 1400 };

/** The deadline of a call reaches car, which does no work that nobody waits for. */
export const TIMEOUT: Scenario = {
  name: 'timeout',
  title: 'no work for a caller who is gone',
  replicas: 1,
  defaults: { users: 10, seconds: 8 },
  about: ({ timeout }, options) =>
    [
      `${options.users} users reserve.`,
      `After 3 s car waits ${SLOW_HALF_OF_THE_TIME.delayMsMin} to ${SLOW_HALF_OF_THE_TIME.delayMsMax} ms before it takes stock, for ${options.seconds} s:`,
      `half of the calls are over ${seconds(timeout.value)}, and given up.`,
      'Their deadline has reached car, which takes no stock for them.',
    ].join(' '),
  clauses: ({ timeout, consecutiveGatewayErrors }) => [
    [timeout, 'longest wait for car'],
    [consecutiveGatewayErrors, 'then calls are refused'],
  ],
  fault: SLOW_HALF_OF_THE_TIME,
  faulted: 'all',
  phase: 'slow',
  habits: steadily,
  wellSeconds: 4,
  moreSeconds: 0,
};

/** All of them. */
export const SCENARIOS: readonly Scenario[] = [CIRCUIT, EJECTION, RETRIES, TIMEOUT];
