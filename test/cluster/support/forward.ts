import { spawn } from 'node:child_process';
import { KUBECTL } from './command.ts';

const READY_MS = 10_000;

/**
 * Runs work while a port of a pod is reached at a port of 127.0.0.1. It leads past the pod's sidecar, as a neighbour in the pod calls: only
 * who may forward ports can do it.
 */
export async function forwarded<T>(namespace: string, target: string, port: number, work: (local: number) => Promise<T>): Promise<T> {
  const child = spawn(KUBECTL, ['port-forward', '-n', namespace, target, `:${port}`, '--address', '127.0.0.1'], { stdio: 'pipe' });
  try {
    return await work(await localPort(child, `${namespace}/${target}:${port}`));
  } finally {
    child.kill('SIGKILL');
  }
}

function localPort(child: ReturnType<typeof spawn>, what: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let output = '';
    const limit = setTimeout(() => reject(new Error(`no port is forwarded to ${what}: ${output}`)), READY_MS);
    const read = (text: Buffer) => {
      output += text.toString();
      const [, port] = /Forwarding from 127\.0\.0\.1:(\d+)/.exec(output) ?? [];
      if (port === undefined) return;
      clearTimeout(limit);
      resolve(Number(port));
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.on('error', reject);
    child.on('exit', () => reject(new Error(`no port is forwarded to ${what}: ${output}`)));
  });
}
