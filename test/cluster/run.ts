// Runs the cluster's tests: `npm run test:cluster [-- [--system NAME] [FILES]]`. On the cluster that KUBECONFIG names, which has the images already; else on one
// that scripts start on this machine (docs/kubernetes.md): those in RENTMESH_CLUSTER_SCRIPTS, or in ../shared/cluster beside the repository.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { home, root } from '../../dev/paths.mjs';
import { chooseSystems, type System } from '../../dev/systems/systems.ts';
import { defaultSystem } from './support/choice.ts';

const VITEST = join(root, 'node_modules', 'vitest', 'vitest.mjs');
const CONFIG = join(import.meta.dirname, 'vitest.config.ts');
/** Building a cluster from its sources takes most of this. */
const UP_MS = 40 * 60_000;
const STEP_MS = 5 * 60_000;

function run(program: string, args: readonly string[], limitMs: number | undefined, env: NodeJS.ProcessEnv = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const limit = limitMs === undefined ? {} : { timeout: limitMs, killSignal: 'SIGKILL' as const };
    const child = spawn(program, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env }, ...limit });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (signal === 'SIGKILL') reject(new Error(`${program} was ended after ${(limitMs ?? 0) / 1000} s`));
      else resolve(code ?? 1);
    });
  });
}

async function must(program: string, args: readonly string[], limitMs: number): Promise<void> {
  const code = await run(program, args, limitMs);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}`);
}

/** Makes the images and gives them to the node. */
async function loadImages(scripts: string): Promise<void> {
  await must(process.execPath, ['--disable-warning=ExperimentalWarning', 'dev/commands/image.ts'], STEP_MS);
  await must(process.execPath, ['test/stand-ins/main.ts'], STEP_MS);
  const standIns = join(home, 'image', 'stand-ins');
  const archives = readdirSync(standIns).filter((name) => name.endsWith('.tar'));
  for (const archive of [join(home, 'image', 'rentmesh.tar'), ...archives.map((name) => join(standIns, name))]) {
    await must(join(scripts, 'load-image'), [archive], STEP_MS);
  }
}

/** @throws Error with the names of all systems if there is none of this name */
function oneSystem(name = ''): System {
  const [system] = chooseSystems([name]);
  if (system === undefined) throw new Error(`no system is called ${name}`);
  return system;
}

async function main(): Promise<number> {
  const given = process.argv.slice(2);
  const others = given[0] === '--system' ? given.slice(2) : given;
  const { name } = oneSystem(given[0] === '--system' ? given[1] : defaultSystem());
  process.env.RENTMESH_TESTED_SYSTEM = name;
  const args = [VITEST, 'run', '--config', CONFIG, ...others];
  if (process.env.KUBECONFIG) return await run(process.execPath, args, undefined);
  const scripts = process.env.RENTMESH_CLUSTER_SCRIPTS ?? join(root, '..', 'shared', 'cluster');
  if (!existsSync(join(scripts, 'up'))) {
    console.error('There is no cluster: set KUBECONFIG, or RENTMESH_CLUSTER_SCRIPTS to the folder of scripts that start one.');
    return 1;
  }
  await must(join(scripts, 'up'), [], UP_MS);
  await loadImages(scripts);
  // The cluster has a network of its own; the tests run inside it.
  return await run(join(scripts, 'inside'), [process.execPath, ...args], undefined, {
    RENTMESH_KUBECTL: join(scripts, 'kubectl'),
    RENTMESH_ISTIOCTL: join(scripts, 'istioctl'),
    RENTMESH_NODE_IS_HERE: '1',
  });
}

process.exitCode = await main();
