import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { home } from '../../../dev/paths.mjs';
import { run } from './docker.ts';

/** The Compose that is built where Docker has no plugin; the newest that speaks to engines from 20.10 on. */
const COMPOSE_MODULE = 'github.com/docker/compose/v2';
const COMPOSE_VERSION = 'v2.40.3';
const ENGINE_PATIENCE_MS = 60_000;

/** Options of an engine that leaves the machine's network as it is: no bridge, no rules, no forwarding. Containers have the machine's or none. */
export const WITHOUT_NETWORKS: readonly string[] = ['--bridge=none', '--iptables=false', '--ip6tables=false', '--ip-forward=false'];

/** Whether a program is there and content. */
export const works = (program: string, ...args: string[]): boolean => spawnSync(program, args, { stdio: 'ignore' }).status === 0;

/** Whether there is a Docker engine, so that none has to be started. */
export const engineIsThere = (): boolean => works('docker', 'version');

/** Whether an engine can be started here. */
export const canStartEngine = (): boolean => process.getuid?.() === 0 && works('dockerd', '--version');

/** Starts an engine that shares nothing with another one, and has docker use it. @returns what stops it and removes all that it had */
export async function startEngine(options: readonly string[] = []): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'rentmesh-docker-'));
  const host = `unix://${join(folder, 'docker.sock')}`;
  const places = ['data-root', 'exec-root', 'pidfile'].flatMap((name) => [`--${name}`, join(folder, name)]);
  const engine = spawn('dockerd', [...places, '--host', host, ...options], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => engine.once('exit', () => resolve()));
  const before = process.env.DOCKER_HOST;
  process.env.DOCKER_HOST = host;
  const stop = async () => {
    engine.kill('SIGTERM');
    await ended;
    if (before === undefined) delete process.env.DOCKER_HOST;
    else process.env.DOCKER_HOST = before;
    // Where a container had the machine's network, dockerd leaves that mounted.
    const networks = join(folder, 'exec-root', 'netns');
    for (const name of existsSync(networks) ? readdirSync(networks) : []) spawnSync('umount', [join(networks, name)]);
    rmSync(folder, { recursive: true, force: true });
  };
  for (const deadline = Date.now() + ENGINE_PATIENCE_MS; !engineIsThere(); await sleep(200)) {
    if (engine.exitCode === null && Date.now() < deadline) continue;
    await stop();
    throw new Error('dockerd did not start');
  }
  return stop;
}

/** The command that is Docker Compose: Docker's plugin, or one built from its Go module. */
export async function findCompose(): Promise<string> {
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
