import { spawn } from 'node:child_process';
import { TEST_SETTINGS } from '../../dev/laptop/service-environment.ts';
import { root } from '../../dev/paths.mjs';
import { INSTANCE, system } from './instance.ts';

/** How a command ended, and what it wrote. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  /** stdout and stderr as they came. */
  readonly output: string;
}

/** Runs `npm run <name> -- <args>` on the tested instance, without npm's own start-up time. */
export async function command(name: string, ...args: string[]): Promise<Ran> {
  return await run(process.execPath, ['dev/bootstrap.mjs', name, ...args]);
}

/** A program that is running. */
export interface Running {
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<Ran>;
}

/** Runs a program in the repository's folder, with commands of the project meaning the tested instance. */
export async function run(program: string, args: readonly string[]): Promise<Ran> {
  return await start(program, args).ended;
}

/** As run, for what is not left to its own end. */
export function start(program: string, args: readonly string[]): Running {
  const child = spawn(program, args, {
    cwd: root,
    env: {
      ...process.env,
      RENTMESH_INSTANCE: String(INSTANCE),
      RENTMESH_MESH: system.mesh,
      [TEST_SETTINGS]: 'yes',
      NO_COLOR: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const ended = new Promise<Ran>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, output }));
  });
  return { kill: (signal) => void child.kill(signal), ended };
}
