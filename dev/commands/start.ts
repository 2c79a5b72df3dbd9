// Starts everything, proves that it works, says what to try, and stays until it is stopped. `--detached` is how `npm run up` runs it.
import { relative } from 'node:path';
import { dim, green, line, red } from '../bootstrap/lines.mjs';
import { explain } from '../laptop/explain.ts';
import type { PolicyReport } from '../laptop/policy.ts';
import { System } from '../laptop/system.ts';
import { topologyFromEnvironment } from '../laptop/topology.ts';
import { chooseSystems } from '../systems/systems.ts';

const detached = process.argv.includes('--detached');

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
  const topology = topologyFromEnvironment();
  const system = new System(topology, policy);
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    say(`\n${dim('Stopping …')}`);
    void system.stop();
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
    await system.claim();
    say(`Starting Rentmesh ${dim(`(logs in ${relative(process.cwd(), topology.state.logs)}/)`)}`);
    await system.start(done);
    say('Proving that it works, through the edge');
    for (const each of chooseSystems([])) await (await each.proof()).prove(system.url, done);
    say(farewell(system.url, performance.now() - begin));
    if (process.connected) process.send?.({ ready: true });
  } catch (error) {
    if (stopping) {
      await system.stopped;
      return 0;
    }
    say(`${red('✗')} ${explain(error, topology.state.logs)}`);
    stopping = true;
    await system.stop();
    return 1;
  }
  await system.stopped;
  say('Stopped: every process has ended, the data is kept.');
  return Number(process.exitCode ?? 0);
}

/** The address, the pages, and three things to try. */
function farewell(url: string, milliseconds: number): string {
  const port = new URL(url).port;
  return [
    '',
    `Rentmesh is ready at ${green(url)} ${dim(`after ${(milliseconds / 1000).toFixed(1)} s`)}.`,
    '',
    `  ${url}/app/  ${dim('the web app')}`,
    `  ${url}/docs  ${dim('the API, with requests to try')}`,
    '',
    `  curl ${url}/rentcar/cars`,
    `  grpcurl -plaintext localhost:${port} list`,
    '  npm run check',
    '',
    detached ? '`npm run status` shows the processes, `npm run down` stops them.' : dim('Ctrl-C stops every process.'),
  ].join('\n');
}

process.exit(await main());
