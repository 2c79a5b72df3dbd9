// Runs a demonstration on a terminal: `npm run demo -- NAME [--users N] [--seconds N]`; without a name it lists them.
import { parseArgs } from 'node:util';
import { PolicyError } from '../../envoy/index.ts';
import { dim } from '../bootstrap/lines.mjs';
import { controlClient, NotRunning } from '../laptop/control.ts';
import { FaultsRefused } from '../laptop/faults.ts';
import { topologyFromEnvironment } from '../laptop/topology.ts';
import { findDemo, type ListedDemo, listDemos, nameOf } from './catalogue.ts';
import type { DemoOptions, Finding } from './demo.ts';
import { NotRestored } from './not-restored.ts';
import { PolicyMissing, PolicyReader } from './policy.ts';
import { DemoRefused } from './preconditions.ts';
import { DemoRunner } from './runner.ts';
import { findingLines, headerLines, TerminalView } from './terminal-view.ts';

const MOST_USERS = 100;
const SHORTEST_SECONDS = 2;
const LONGEST_SECONDS = 15;

const RESTORED = 'Everything that the demonstration changed is as before.';
/** Errors whose message says everything. */
const SENTENCES = [NotRunning, DemoRefused, NotRestored, PolicyMissing, PolicyError, FaultsRefused, RangeError];

/** The arguments do not fit; the message shows the usage. */
class WrongUsage extends RangeError {}

/** Reads the arguments after the name. @throws WrongUsage */
function optionsOf(name: string, defaults: DemoOptions, args: string[]): DemoOptions {
  const usage = `usage: npm run demo -- ${name} [--users 1…${MOST_USERS}] [--seconds ${SHORTEST_SECONDS}…${LONGEST_SECONDS}]`;
  const number = (given: string | undefined, usual: number, least: number, most: number) => {
    const value = given === undefined ? usual : Number(given);
    if (!Number.isInteger(value) || value < least || value > most) throw new WrongUsage(usage);
    return value;
  };
  let values: { users?: string; seconds?: string };
  try {
    ({ values } = parseArgs({ args, options: { users: { type: 'string' }, seconds: { type: 'string' } } }));
  } catch (error) {
    throw new WrongUsage(usage, { cause: error });
  }
  return {
    users: number(values.users, defaults.users, 1, MOST_USERS),
    seconds: number(values.seconds, defaults.seconds, SHORTEST_SECONDS, LONGEST_SECONDS),
  };
}

/** Returns the list of demonstrations as lines. */
function listLines(listed: readonly ListedDemo[]): string[] {
  const names = listed.map((each) => nameOf(each, listed));
  const width = Math.max(...names.map(({ length }) => length));
  return [
    ...listed.map(({ demo }, index) => `  ${(names[index] ?? '').padEnd(width)}  ${dim(demo.title)}`),
    '',
    'npm run demo -- NAME  runs one on the running system, in about half a minute, and leaves everything as before.',
  ];
}

/** Runs a demonstration. @returns the exit code: 0 if every promise was kept, 1 if not, 130 after Ctrl-C */
async function run(listed: ListedDemo, options: DemoOptions): Promise<number> {
  const stop = new AbortController();
  // Ctrl-C arrives twice, from the terminal and from npm. A reader that is gone ends the demonstration as well.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
  process.stdout.on('error', () => stop.abort());

  const topology = topologyFromEnvironment();
  const view = new TerminalView(listed.demo.column);
  const { edge } = await controlClient(topology.state.socket).status();
  const header = headerLines(listed, new PolicyReader(topology.mesh), options, edge);
  const play = await DemoRunner.open({ ...listed, options, topology, view, signal: stop.signal });
  console.log(header.join('\n'));
  let findings: readonly Finding[] | undefined;
  try {
    findings = await play();
  } catch (error) {
    if (!stop.signal.aborted || error instanceof NotRestored) throw error;
  } finally {
    view.end();
  }
  if (findings === undefined) {
    console.log(`\n${dim(`Stopped. ${RESTORED}`)}`);
    return 130;
  }
  console.log(`\n${findingLines(findings).join('\n')}\n\n${dim(RESTORED)}`);
  return findings.every(({ held }) => held) ? 0 : 1;
}

/** Returns the demonstrations in which a name is looked up: those of the running systems if one of them has it, else all. */
async function preferred(name: string, listed: readonly ListedDemo[]): Promise<readonly ListedDemo[]> {
  const { systems } = await controlClient(topologyFromEnvironment().state.socket).status();
  const running = listed.filter(({ system }) => systems.includes(system));
  return running.some(({ system, demo }) => name === demo.name || name === `${system}/${demo.name}`) ? running : listed;
}

async function main(): Promise<number> {
  const [name, ...args] = process.argv.slice(2);
  const listed = await listDemos();
  if (name === undefined) {
    console.log(listLines(listed).join('\n'));
    return 0;
  }
  try {
    const found = findDemo(name, await preferred(name, listed));
    return await run(found, optionsOf(nameOf(found, listed), found.demo.defaults, args));
  } catch (error) {
    const known = SENTENCES.some((type) => error instanceof type);
    console.error(known && error instanceof Error ? error.message : error);
    return error instanceof RangeError ? 2 : 1;
  }
}

process.exit(await main());
