import { spawn } from 'node:child_process';

/** How a program ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a call of a program can have besides its arguments. */
export interface CallOptions {
  readonly input?: string;
  /** After this it is ended, and the call fails: nothing that a cluster does may hold up the tests for ever. */
  readonly limitMs?: number;
}

const LIMIT_MS = 30_000;

/** Runs a program to its end. @throws Error if it cannot be run or takes too long */
export function run(program: string, args: readonly string[], { input = '', limitMs = LIMIT_MS }: CallOptions = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'pipe', timeout: limitMs, killSignal: 'SIGKILL' });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (signal !== null) reject(new Error(`${program} ${args.join(' ')} was ended after ${limitMs / 1000} s: ${stderr || stdout}`));
      else resolve({ code, stdout, stderr });
    });
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

/** kubectl, or what stands in for it. */
export const KUBECTL = process.env.RENTMESH_KUBECTL ?? 'kubectl';

/** istioctl, or what stands in for it. */
export const ISTIOCTL = process.env.RENTMESH_ISTIOCTL ?? 'istioctl';

/** Runs kubectl and returns what it printed. @throws Error with what it complained of */
export async function kubectl(args: readonly string[], options: CallOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await run(KUBECTL, args, options);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')} ended with ${code}: ${stderr.trim() || stdout.trim()}`);
  return stdout;
}

/** Runs kubectl and reads what it printed as JSON; what it is, its caller knows. */
export async function kubectlJson<T>(args: readonly string[], options: CallOptions = {}): Promise<T> {
  return JSON.parse(await kubectl([...args, '-o', 'json'], options)) as T;
}
