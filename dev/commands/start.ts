// Starts everything, proves that it works, says what to try, and stays until it is stopped. `--detached` is how `npm run up` runs it.
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { PolicyError } from '../../envoy/index.ts';
import { dim, green, line, red } from '../bootstrap/lines.mjs';
import { excerpt, Refusal } from '../bootstrap/tools.mjs';
import { StartRefused } from '../ports.ts';
import { ProofFailed, prove } from '../prove.ts';
import { NotReady } from '../supervisor.ts';
import { System } from '../system.ts';
import { topologyFromEnvironment } from '../topology.ts';

const detached = process.argv.includes('--detached');

/** Prints, and passes on to `npm run up` if that waits for this process. */
function say(text: string): void {
  console.log(text);
  if (process.connected) process.send?.(text);
}

const done = (what: string, detail: string, milliseconds: number) => say(line(green('✓'), what, detail, milliseconds));

/** What a person reads about an error, and the log that tells more. */
function explain(error: unknown, logs: string): string[] {
  const log = (file: string) => `  its log: ${relative(process.cwd(), file)}`;
  if (error instanceof NotReady) return [error.message, log(error.log), dim(tail(error.log))];
  if (error instanceof ProofFailed) return [`The proof failed: ${error.message}`, log(join(logs, `${error.service}.log`))];
  if (error instanceof Refusal) return [error.message, dim(error.output)];
  if (error instanceof StartRefused || error instanceof PolicyError || error instanceof RangeError) return [error.message];
  return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
}

function tail(file: string): string {
  try {
    return excerpt(readFileSync(file, 'utf8'), 0, 10).replace(/^/gm, '    ');
  } catch {
    return '';
  }
}

async function main(): Promise<number> {
  const begin = performance.now();
  const topology = topologyFromEnvironment();
  const system = new System(topology);
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    say(`\n${dim('Stopping …')}`);
    void system.stop();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  try {
    await system.claim();
    say(`Starting Rentmesh ${dim(`(logs in ${relative(process.cwd(), topology.state.logs)}/)`)}`);
    await system.start(done);
    say('Proving that it works, through the edge');
    await prove(system.url, done);
    say(farewell(system.url, performance.now() - begin));
    if (process.connected) process.send?.({ ready: true });
  } catch (error) {
    if (stopping) {
      await system.stopped;
      return 0;
    }
    const [sentence = '', ...more] = explain(error, topology.state.logs);
    say([`${red('✗')} ${sentence}`, ...more].filter((text) => text !== '').join('\n'));
    stopping = true;
    await system.stop();
    return 1;
  }
  await system.stopped;
  say('Stopped: every process has ended, the data is kept.');
  return 0;
}

/** The address, and three things to try. */
function farewell(url: string, milliseconds: number): string {
  const port = new URL(url).port;
  return [
    '',
    `Rentmesh is ready at ${green(url)} ${dim(`after ${(milliseconds / 1000).toFixed(1)} s`)}. To try:`,
    '',
    `  curl ${url}/cars`,
    `  grpcurl -plaintext localhost:${port} list`,
    '  npm run check:stock',
    '',
    detached ? '`npm run status` shows the processes, `npm run down` stops them.' : dim('Ctrl-C stops every process.'),
  ].join('\n');
}

process.exit(await main());
