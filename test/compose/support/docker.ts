import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '../../../dev/paths.mjs';

const execute = promisify(execFile);

/** Building images takes the most. */
const LIMIT_MS = 10 * 60_000;

/** Runs a program and returns what it printed. @throws Error with what it complained of, if it fails or takes too long */
export async function run(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> {
  const options = { cwd: root, env: { ...process.env, ...env }, timeout: LIMIT_MS, maxBuffer: 64 * 1024 * 1024 };
  try {
    const { stdout } = await execute(program, args, options);
    return stdout;
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim().split('\n').slice(-15).join('\n') : '';
    throw new Error(`${program} ${args.join(' ')} failed: ${said}`, { cause: error });
  }
}

/** Runs docker. */
export const docker = (...args: readonly string[]): Promise<string> => run('docker', args);

/** The program that is Docker Compose and its first arguments, as run.ts has found it. */
const [composeProgram = 'docker', ...composeArgs] = (process.env.RENTMESH_COMPOSE ?? 'docker compose').split(' ');

/** Runs Docker Compose on docker-compose.yml, or on the copy that run.ts has made for stand-ins. */
export const compose = (...args: readonly string[]): Promise<string> => {
  const file = process.env.RENTMESH_COMPOSE_FILE ?? join(root, 'docker-compose.yml');
  return run(composeProgram, [...composeArgs, '--project-directory', root, '--file', file, ...args]);
};

/** What Docker tells of a container, as far as it is read. */
export interface Container {
  readonly Name: string;
  readonly RestartCount: number;
  readonly State: { readonly Pid: number; readonly Status: string; readonly Health?: { readonly Status: string } };
  readonly NetworkSettings: { readonly Ports: Readonly<Record<string, readonly { readonly HostIp: string }[] | null>> };
}

/** The container of a service of the file. */
export async function containerOf(service: string): Promise<Container> {
  const id = (await compose('ps', '--all', '--quiet', service)).trim();
  // Docker's own answer.
  const [found] = JSON.parse(await docker('inspect', id)) as Container[];
  if (found === undefined) throw new Error(`there is no container of ${service}`);
  return found;
}

/** Runs a program for Node inside a service's container, and returns what it printed. */
export async function inside(service: string, program: string): Promise<string> {
  return (await compose('exec', '--no-TTY', service, '/usr/local/bin/node', '-e', program)).trim();
}
