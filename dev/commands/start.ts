// Starts systems, proves that they work, says what to try, and stays until it is stopped: `npm start [-- SYSTEM… | all]`. `npm run up` runs
// it with `--detached`.
import { relative } from 'node:path';
import { dim, green, line, red } from '../bootstrap/lines.mjs';
import { explain } from '../laptop/explain.ts';
import { Instance } from '../laptop/instance.ts';
import type { PolicyReport } from '../laptop/policy.ts';
import { topologyFromEnvironment } from '../laptop/topology.ts';
import { chooseSystems, type System } from '../systems/systems.ts';

const detached = process.argv.includes('--detached');
const names = process.argv.slice(2).filter((argument) => argument !== '--detached');

/** Prints, and passes on to `npm run up` if that waits for this process. */
function say(text: string): void {
  console.log(text);
  if (process.connected) process.send?.(text);
}

const done = (what: string, detail: string, milliseconds: number) => say(line(green('✓'), what, detail, milliseconds));

/** The policies were saved while the system runs. */
const policy: PolicyReport = (ok, detail, milliseconds) => {
  const [first = '', ...more] = detail.split('\n');
  const what = `policies ${new Date().toLocaleTimeString('en-GB')}`;
  say([line(ok ? green('✓') : red('✗'), what, first, milliseconds), ...more.map((each) => `    ${each}`)].join('\n'));
};

async function main(): Promise<number> {
  const begin = performance.now();
  const systems = chooseSystems(names);
  const topology = topologyFromEnvironment(process.env, systems);
  const instance = new Instance(topology, policy);
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    say(`\n${dim('Stopping …')}`);
    void instance.stop();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  // Whatever ends this process must not leave the others behind: a reader that is gone (`npm start | head`), or a defect.
  process.stdout.on('error', stop);
  process.on('uncaughtException', (error) => {
    say(`${red('✗')} ${explain(error, topology.state.logs)}`);
    process.exitCode = 1;
    stop();
  });
  try {
    await instance.claim();
    say(`Starting Rentmesh ${dim(`(logs in ${relative(process.cwd(), topology.state.logs)}/)`)}`);
    await instance.start(done);
    for (const { title, proof } of systems) {
      say(`Proving that ${title} works, through the edge`);
      await (await proof()).prove(instance.url, done);
    }
    say(farewell(instance.url, systems, performance.now() - begin));
    if (process.connected) process.send?.({ ready: true });
  } catch (error) {
    if (stopping) {
      await instance.stopped;
      return 0;
    }
    say(`${red('✗')} ${explain(error, topology.state.logs)}`);
    stopping = true;
    await instance.stop();
    return 1;
  }
  await instance.stopped;
  say('Stopped: every process has ended, the data is kept.');
  return Number(process.exitCode ?? 0);
}

/** The address, and pages and commands to try. */
function farewell(url: string, systems: readonly System[], milliseconds: number): string {
  const { port } = new URL(url);
  const pages = systems.flatMap((system) => system.pages);
  const width = Math.max(...pages.map(({ path }) => path.length), '/app/'.length);
  return [
    '',
    `Rentmesh is ready at ${green(url)} ${dim(`after ${(milliseconds / 1000).toFixed(1)} s`)}.`,
    '',
    `  ${url}${'/app/'.padEnd(width)}  ${dim('the web app')}`,
    `  ${url}${'/docs'.padEnd(width)}  ${dim('the API, with requests to try')}`,
    ...pages.map(({ path, title }) => `  ${url}${path.padEnd(width)}  ${dim(title)}`),
    '',
    `  grpcurl -plaintext localhost:${port} list`,
    '  npm run check',
    '',
    detached ? '`npm run status` shows the processes, `npm run down` stops them.' : dim('Ctrl-C stops every process.'),
  ].join('\n');
}

try {
  process.exit(await main());
} catch (error) {
  // An unknown system, or a wrong variable: one sentence.
  if (!(error instanceof RangeError)) throw error;
  say(`${red('✗')} ${error.message}`);
  process.exit(1);
}
