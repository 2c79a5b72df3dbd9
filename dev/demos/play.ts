import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { PolicyError } from '../../envoy/index.ts';
import { dim, green, red } from '../bootstrap/lines.mjs';
import { NotRunning } from '../laptop/control.ts';
import { FaultsRefused } from '../laptop/faults.ts';
import { wrapped } from '../mesh/terminal.ts';
import { type Answer, Edge, Load, type Outcome } from './load.ts';
import { type CarPolicy, type Clause, PolicyMissing, readCarPolicy } from './policy.ts';
import { enact, type Options, type Player, type Scenario } from './scenarios.ts';
import { NotRestored, type Replica, Scene, SceneRefused } from './scene.ts';
import { type ExtraColumn, Stage } from './stage.ts';
import { View } from './view.ts';
import { seconds } from './words.ts';

/** A promise and whether it was kept. */
export interface Finding {
  readonly held: boolean;
  /** What the policy promises. */
  readonly promise: string;
  /** What was seen. */
  readonly seen: string;
}

/** What a demonstration plays with. */
export interface Play extends Player {
  readonly policy: CarPolicy;
  readonly scene: Scene;
  readonly stage: Stage;
  readonly edge: Edge;
  readonly carId: string;
  /** The answers to requests that were sent within a phase, whenever they came. */
  answers(phase: string, outcome?: Outcome): Answer[];
  /** When a phase began and ended, on the clock of performance.now(). */
  span(phase: string): { readonly start: number; readonly end: number };
}

/** A demonstration on a terminal: a scenario, and what was seen of it. */
export interface Demo {
  readonly scenario: Scenario;
  /** What it tells beyond what the scenario does. */
  readonly besides?: string;
  readonly extra?: (play: Pick<Play, 'scene' | 'edge' | 'cars'>) => Promise<ExtraColumn>;
  /** What goes on beside the load during a phase; it begins with the phase, which goes on meanwhile. */
  readonly beside?: (name: string, phase: (seconds: number) => Promise<void>, seconds: number) => Promise<void>;
  /** What was seen of it. The load and the faults have ended. */
  readonly findings: (play: Play) => Promise<Finding[]> | Finding[];
}

const MOST_USERS = 100;
const SHORTEST_SECONDS = 5;
const LONGEST_SECONDS = 15;

/** More than all users can reserve. */
const STOCK = 100_000;

/** With its margin, as wide as the narrowest terminal in use. */
const TEXT_WIDTH = 76;

const RESTORED = 'Faults are off, car has the replicas that it had, and no policy was changed.';

/** How long the events that are under way may take to arrive, in milliseconds. */
const DRAIN_PATIENCE = 10_000;

/** Plays a demonstration and ends the process: 0 if everything held, 1 if not, 2 for wrong arguments, 130 after Ctrl-C. */
export async function play(demo: Demo): Promise<never> {
  let code: number;
  try {
    code = await perform(demo, optionsOf(demo));
  } catch (error) {
    const known = [NotRunning, SceneRefused, NotRestored, PolicyMissing, PolicyError, FaultsRefused, RangeError].some(
      (type) => error instanceof type,
    );
    console.error(known && error instanceof Error ? error.message : error);
    code = error instanceof RangeError ? 2 : 1;
  }
  process.exit(code);
}

/** @throws RangeError in one sentence */
function optionsOf({ scenario: { name, defaults } }: Demo): Options {
  const usage = `usage: npm run demo:${name} [-- --users 1…${MOST_USERS} --seconds ${SHORTEST_SECONDS}…${LONGEST_SECONDS}]`;
  let values: { users?: string; seconds?: string };
  try {
    ({ values } = parseArgs({ options: { users: { type: 'string' }, seconds: { type: 'string' } } }));
  } catch (error) {
    throw new RangeError(usage, { cause: error });
  }
  const number = (given: string | undefined, usual: number, least: number, most: number) => {
    const value = given === undefined ? usual : Number(given);
    if (!Number.isInteger(value) || value < least || value > most) throw new RangeError(usage);
    return value;
  };
  return {
    users: number(values.users, defaults.users, 1, MOST_USERS),
    seconds: number(values.seconds, defaults.seconds, SHORTEST_SECONDS, LONGEST_SECONDS),
  };
}

async function perform(demo: Demo, options: Options): Promise<number> {
  const stop = new AbortController();
  // On a terminal Ctrl-C comes twice, from the terminal and from npm: the second is as the first. A reader that is gone ends it as well.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
  process.stdout.on('error', () => stop.abort());

  const scene = await Scene.open();
  const edge = new Edge(scene.edge);
  let findings: Finding[] | undefined;
  try {
    findings = await performOn(scene, edge, demo, options, stop.signal);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    await scene.restore();
    edge.close();
  }
  if (findings === undefined) {
    console.log(`\n${dim(`Stopped. ${RESTORED}`)}`);
    return 130;
  }
  console.log(`\n${summary(findings).join('\n')}\n\n${dim(RESTORED)}`);
  return findings.every(({ held }) => held) ? 0 : 1;
}

async function performOn(scene: Scene, edge: Edge, demo: Demo, options: Options, signal: AbortSignal): Promise<Finding[]> {
  const policy = readCarPolicy(scene.topology.mesh);
  console.log(header(demo, options, policy, scene.edge).join('\n'));
  const begin = performance.now();
  if (await scene.scaleCar(demo.scenario.replicas))
    console.log(dim(`Started car-${demo.scenario.replicas} in ${seconds(performance.now() - begin)}.\n`));
  signal.throwIfAborted();
  const [cars, callers] = await Promise.all([scene.replicas('car'), scene.replicas('reservation')]);
  const { carId } = await edge.ask<{ carId: string }>('/rentcar/cars', { carName: `DEMO ${demo.scenario.name}`, qty: STOCK });
  const extra = await demo.extra?.({ scene, edge, cars });
  const callersBefore = await processes(scene, callers);

  const view = new View(Stage.columns(cars, extra));
  const load = new Load(edge, {
    carId,
    userId: `demo-${demo.scenario.name}`,
    // A request takes some time beside its call to car; what is refused early takes much less than the timeout.
    timeout: policy.timeout.value * 0.9,
  });
  view.begin();
  const { name, address } = scene.topology.edge;
  const stage = new Stage({ view, load, door: { name, address }, callers, cars, extra });
  const play: Play = {
    options,
    policy,
    scene,
    stage,
    edge,
    carId,
    cars,
    users: (habit) => load.change(habit),
    phase: async (name, length) => {
      const phase = (some: number) => stage.phase(name, some, signal);
      await (demo.beside === undefined ? phase(length) : demo.beside(name, phase, length));
    },
    openings: () => {
      const fault = stage.phases.find(({ name }) => name === demo.scenario.phase);
      return fault === undefined ? 0 : (stage.samples.at(-1)?.door.ejections ?? 0) - (stage.sampleAt(fault.start)?.door.ejections ?? 0);
    },
    answers: (name, outcome) => {
      const { start, end } = play.span(name);
      return load.answers.filter((answer) => answer.start >= start && answer.start < end && (outcome ?? answer.outcome) === answer.outcome);
    },
    span: (name) => {
      const found = stage.phases.find((phase) => phase.name === name);
      if (found === undefined) throw new RangeError(`there was no phase ${name}`);
      return found;
    },
  };
  try {
    await enact(demo.scenario, play);
  } finally {
    await scene.heal().catch(() => undefined);
    await load.stop();
    await stage.end();
    view.leave();
  }
  const unexpected = load.answers.find(({ outcome }) => outcome === 'unexpected');
  return [
    ...(await demo.findings(play)),
    ...(unexpected === undefined ? [] : [{ held: false, promise: 'every other answer is a reservation', seen: unexpected.text }]),
    await stockFinding(edge, carId, load.answers),
    await standing(scene, callers, callersBefore),
  ];
}

/** What is shown first: what is about to happen, and what decides it. */
function header({ scenario, besides }: Demo, options: Options, policy: CarPolicy, edge: string): string[] {
  const clauses = scenario.clauses(policy);
  // One that stands for itself may be longer than its column.
  const width = (part: (clause: Clause) => string) =>
    Math.max(...clauses.filter(([, meaning]) => meaning !== '').map(([clause]) => part(clause).length));
  const [places, texts] = [width(({ place }) => place), width(({ text }) => text)];
  return [
    `demo:${scenario.name} · ${scenario.title}  ${dim(`on ${edge}`)}`,
    '',
    ...wrapped([scenario.about(policy, options), besides ?? ''].join(' ').trim(), TEXT_WIDTH).map((line) => `  ${line}`),
    '',
    ...clauses.map(([{ place, text }, meaning]) => `  ${dim(place.padEnd(places))}  ${text.padEnd(texts)}  ${dim(meaning)}`.trimEnd()),
    '',
  ];
}

function summary(findings: readonly Finding[]): string[] {
  return [
    'What is promised, and what was seen',
    ...findings.map(({ held, promise, seen }) => `  ${held ? green('✓') : red('✗')} ${promise}: ${seen}`),
  ];
}

/** Whether as much stock is gone as reservations were made, by the API, as soon as the events have arrived. */
async function stockFinding(edge: Edge, carId: string, answers: readonly Answer[]): Promise<Finding> {
  const made = answers.filter(({ outcome }) => outcome === 'reserved').length;
  const taken = async () => STOCK - (await edge.ask<{ qty: number }>(`/rentcar/cars/${carId}`)).qty;
  for (const limit = performance.now() + DRAIN_PATIENCE; performance.now() < limit && (await taken()) !== made; ) await sleep(100);
  let reserved = 0;
  for (let token = ''; ; ) {
    const query = new URLSearchParams({ carId, status: 'RESERVED', pageSize: '100', pageToken: token });
    const page = await edge.ask<{ reservations: unknown[]; nextPageToken: string }>(`/rentcar/reservations?${query}`);
    reserved += page.reservations.length;
    token = page.nextPageToken;
    if (token === '') break;
  }
  const gone = await taken();
  return {
    held: gone === made && reserved === made,
    promise: 'stock is taken once for each reservation',
    seen: `${made} made, ${reserved} RESERVED, ${gone} taken`,
  };
}

/** Process ids of replicas, and how often each was started again. */
async function processes(scene: Scene, replicas: readonly Replica[]): Promise<string> {
  const { processes } = await scene.control.status();
  return JSON.stringify(processes.filter(({ name }) => replicas.some((replica) => replica.name === name)).map(({ pid }) => pid));
}

/** Whether the callers are the processes that they were. */
async function standing(scene: Scene, callers: readonly Replica[], before: string): Promise<Finding> {
  const same = (await processes(scene, callers)) === before;
  const names = callers.map(({ name }) => name).join(', ');
  return { held: same, promise: 'reservation stays up', seen: same ? `${names} ran all the time` : `${names} was started again` };
}
