// Runs all tests: `npm test`. With arguments it does what `vitest run` does with them, such as `npm test -- --project 'unit*'`.
//
// Three lanes run side by side, each with an instance of its own, because system tests wait most of the time. The first has the tests
// that load, stop and kill parts of the default system. The second has unit tests, then the tests of pages, contracts, policies and
// commands. The third has the other systems. The second and the third have a lower priority and print their results at their ends.
import { spawn } from 'node:child_process';
import { availableParallelism, setPriority } from 'node:os';
import { join } from 'node:path';
import { buildGoProgram } from '../dev/bootstrap/go.mjs';
import { withLock } from '../dev/bootstrap/lock.mjs';
import { home, root } from '../dev/paths.mjs';
import { INSTANCE } from './support/instance.ts';

const VITEST = 'node_modules/vitest/vitest.mjs';
/** Added to the nice values of the second and the third lane. */
const NICENESS = 10;

/** An instance that is so far from the one of the first lane, and not above 200. */
const instanceAfter = (distance: number) => (INSTANCE + distance <= 200 ? INSTANCE + distance : INSTANCE + distance - 200);

/** A run of Vitest, with additional environment variables. */
interface Run {
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The output is kept until the end, and the priority is low. */
  readonly isBackground?: boolean;
}

/** Runs Vitest. @returns whether every test passed */
function vitest({ args, env = {}, isBackground = false }: Run): Promise<boolean> {
  const child = spawn(process.execPath, [VITEST, 'run', ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: isBackground ? ['ignore', 'pipe', 'pipe'] : 'inherit',
  });
  if (isBackground && child.pid !== undefined) setPriority(child.pid, NICENESS);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      process.stdout.write(output);
      resolve(code === 0);
    });
  });
}

/** Runs the system tests of a lane in the background. */
function lane(name: 'second' | 'third', instance: number): Promise<boolean> {
  const env = { RENTMESH_TEST_LANE: name, RENTMESH_TEST_INSTANCE: String(instance) };
  return vitest({ args: ['--project', 'system'], env, isBackground: true });
}

async function secondLane(): Promise<boolean> {
  const units = await vitest({ args: ['--project', 'unit*', '--project', 'front'], isBackground: true });
  return (await lane('second', instanceAfter(100))) && units;
}

/** On one processor the lanes would only disturb each other. */
async function allTests(): Promise<boolean> {
  // Before the lanes: commands that one of them tests would sweep away the draft of the other.
  await withLock(
    join(home, 'install.lock'),
    () => undefined,
    () => buildGoProgram('grpcurl'),
  );
  if (availableParallelism() < 2) return await vitest({ args: [] });
  const system = vitest({ args: ['--project', 'system'], env: { RENTMESH_TEST_LANE: 'first' } });
  return (await Promise.all([system, secondLane(), lane('third', instanceAfter(50))])).every((passed) => passed);
}

const args = process.argv.slice(2);
// Ctrl-C reaches Vitest as well: its end is awaited, so that no instance stays behind.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
process.exitCode = (args.length > 0 ? await vitest({ args }) : await allTests()) ? 0 : 1;
