// Every npm script goes through here: `node dev/bootstrap.mjs <command> [arguments]`. It runs on any Node from 18 on, brings what the command
// needs and is missing, and then runs the command with Node 26.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { commands } from './bootstrap/commands.mjs';
import { environment, node, sweepDrafts } from './bootstrap/install.mjs';
import { dim, red, step } from './bootstrap/lines.mjs';
import { withLock } from './bootstrap/lock.mjs';
import { chains, lastSteps } from './bootstrap/steps.mjs';
import { Refusal, requireTools } from './bootstrap/tools.mjs';
import { home, root } from './paths.mjs';

/** @param {import('./bootstrap/steps.mjs').Need} need */
const missing = (need) => [...chains[need].flat(), ...lastSteps[need]].filter((each) => !each.done());

/** @param {readonly import('./bootstrap/steps.mjs').Step[]} steps */
async function install(steps) {
  for (const each of steps) if (!each.done()) await step(each.name, each.detail, each.install);
}

/**
 * Brings what a command needs.
 * @param {import('./bootstrap/commands.mjs').Command} command
 */
async function provide({ needs: need, java }) {
  const steps = missing(need);
  requireTools(new Set([...(java === true ? /** @type {const} */ (['java']) : []), ...steps.flatMap((each) => each.tools)]));
  if (steps.length === 0) return;
  mkdirSync(home, { recursive: true });
  const wait = () => console.log(dim('  … waiting for another command that is installing'));
  await withLock(join(home, 'install.lock'), wait, async () => {
    const start = performance.now();
    sweepDrafts();
    if (missing(need).length === 0) return;
    console.log(`Installing what is missing into ${dim('node_modules/, gen/ and .rentmesh/')}`);
    const results = await Promise.allSettled(chains[need].map(install));
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    await install(lastSteps[need]);
    console.log(dim(`  installed in ${((performance.now() - start) / 1000).toFixed(1)} s`));
    console.log();
  });
}

/**
 * Runs a program with Node 26, passes signals on and ends as it ends.
 * @param {readonly string[]} command
 */
function hand(command) {
  const child = spawn(node, command, { cwd: root, env: environment(), stdio: 'inherit' });
  // On a terminal Ctrl-C reaches the program directly as well; programs take a second signal as the first.
  for (const signal of /** @type {NodeJS.Signals[]} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
  });
}

async function main() {
  const [name = '', ...rest] = process.argv.slice(2);
  const command = commands[name];
  if (command === undefined) throw new Refusal(`There is no command \`${name}\`; there are: ${Object.keys(commands).join(', ')}.`);
  if (process.platform === 'win32') throw new Refusal('Rentmesh runs on Linux and macOS: on Windows use it inside WSL.');
  if (Number(process.versions.node.split('.')[0]) < 20)
    throw new Refusal(`Node ${process.versions.node} is too old: install Node 20 or newer.`);
  await provide(command);
  if (command.run.length > 0) hand([...command.run, ...rest]);
}

main().catch((error) => {
  if (!(error instanceof Refusal)) throw error;
  for (const sentence of error.message.split('\n')) console.error(`${red('✗')} ${sentence}`);
  if (error.output !== '') console.error(dim(error.output.replace(/^/gm, '    ')));
  process.exitCode = 1;
});
