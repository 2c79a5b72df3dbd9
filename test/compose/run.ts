// Runs docker-compose.yml end to end: `npm run test:compose [-- --official]`. On the Docker engine that is there; where only its programs are, on
// one of its own, in a network of its own (that takes root). The official images are stood in for by images of the same names, made of this
// machine's engines, unless --official says to pull them.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { home, root } from '../../dev/paths.mjs';
import { docker, run } from './support/docker.ts';

/** The Compose that is built where Docker has no plugin; the newest that speaks to engines from 20.10 on. */
const COMPOSE_MODULE = 'github.com/docker/compose/v2';
const COMPOSE_VERSION = 'v2.40.3';
const ENGINE_PATIENCE_MS = 60_000;
const INSIDE = '--inside';

const works = (program: string, ...args: string[]): boolean => spawnSync(program, args, { stdio: 'ignore' }).status === 0;

/** Starts an engine that shares nothing with another one. @returns what stops it */
async function startEngine(): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'rentmesh-docker-'));
  const host = `unix://${join(folder, 'docker.sock')}`;
  const places = ['data-root', 'exec-root', 'pidfile'].flatMap((name) => [`--${name}`, join(folder, name)]);
  const engine = spawn('dockerd', [...places, '--host', host], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => engine.once('exit', () => resolve()));
  process.env.DOCKER_HOST = host;
  for (const deadline = Date.now() + ENGINE_PATIENCE_MS; !works('docker', 'version'); await sleep(200)) {
    if (engine.exitCode !== null || Date.now() > deadline) throw new Error('dockerd did not start');
  }
  return async () => {
    engine.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
}

/** The command that is Docker Compose: Docker's plugin, or one built from its Go module. */
async function findCompose(): Promise<string> {
  const found = process.env.RENTMESH_COMPOSE;
  if (found) return found;
  if (works('docker', 'compose', 'version')) return 'docker compose';
  const built = join(home, 'bin', `docker-compose-${COMPOSE_VERSION}`);
  if (existsSync(built)) return built;
  if (!works('go', 'version')) throw new Error('There is neither the plugin compose of Docker nor Go to build it with.');
  console.log(`  building ${COMPOSE_MODULE}, once`);
  const folder = mkdtempSync(join(tmpdir(), 'rentmesh-compose-'));
  try {
    writeFileSync(join(folder, 'go.mod'), 'module compose\n\ngo 1.25\n');
    mkdirSync(join(home, 'bin'), { recursive: true });
    const env = { CGO_ENABLED: '0' };
    await run('go', ['-C', folder, 'get', '-tool', `${COMPOSE_MODULE}/cmd@${COMPOSE_VERSION}`], env);
    await run('go', ['-C', folder, 'build', '-trimpath', '-ldflags', '-s -w', '-o', built, `${COMPOSE_MODULE}/cmd`], env);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return built;
}

/** The archives of the stand-ins, if they are newer than what they are made by. */
function standIns(): string[] {
  const times = (folder: string, ending: RegExp) =>
    existsSync(folder)
      ? readdirSync(folder).flatMap((name) =>
          ending.test(name) ? [{ path: join(folder, name), time: statSync(join(folder, name)).mtimeMs }] : [],
        )
      : [];
  const archives = times(join(home, 'image', 'stand-ins'), /\.tar$/);
  const made = Math.max(...times(join(root, 'dev', 'image', 'stand-ins'), /\.(?:ts|sh)$/).map(({ time }) => time));
  return archives.every(({ time }) => time > made) ? archives.map(({ path }) => path) : [];
}

async function loadImages(official: boolean): Promise<void> {
  const node = ['--disable-warning=ExperimentalWarning'];
  await run(process.execPath, [...node, 'dev/commands/image.ts']);
  const archives = [join(home, 'image', 'rentmesh.tar')];
  if (!official) {
    if (standIns().length === 0) await run(process.execPath, [...node, 'dev/commands/stand-ins.ts']);
    archives.push(...standIns());
  }
  for (const archive of archives) await docker('load', '--quiet', '--input', archive);
}

/** Runs a program with this one's terminal. @returns its exit code */
function hand(program: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    spawn(program, args, { cwd: root, stdio: 'inherit' })
      .once('error', reject)
      .once('exit', (code) => resolve(code ?? 1));
  });
}

async function main(args: readonly string[]): Promise<number> {
  // Before the network is left, since it may have to be fetched.
  process.env.RENTMESH_COMPOSE = await findCompose();
  const there = works('docker', 'version');
  if (!there && !args.includes(INSIDE)) {
    if (process.getuid?.() !== 0 || !works('dockerd', '--version')) {
      console.error('There is no Docker engine, and none can be started here: that takes dockerd and root.');
      return 1;
    }
    // Everything from here on, in a network that ends with it.
    const again = `ip link set lo up && exec "$0" "$@"`;
    return await hand('unshare', ['--net', 'sh', '-c', again, process.execPath, import.meta.filename, INSIDE, ...args]);
  }
  const stopEngine = there ? async () => undefined : await startEngine();
  try {
    await loadImages(args.includes('--official'));
    return await hand(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/compose/vitest.config.ts']);
  } finally {
    await stopEngine();
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
