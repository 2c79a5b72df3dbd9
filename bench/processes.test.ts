import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { cpuSeconds, cpuSecondsOfFamily, nodeAncestorsOf, pssOfFamily } from './processes.ts';

/** Uses CPU until the process has used `seconds` of it. */
function work(seconds: number): void {
  const start = process.cpuUsage();
  for (let used = 0; used < seconds * 1e6; ) {
    const { user, system } = process.cpuUsage(start);
    used = user + system;
  }
}

/** For machines that are busy: only the CPU time of the processes decides. */
const LIMIT_MS = 60_000;

describe.runIf(process.platform === 'linux')('a process of this machine', { timeout: LIMIT_MS }, () => {
  it('shows the CPU that it uses', () => {
    const before = cpuSeconds(process.pid);
    work(0.2);
    expect(cpuSeconds(process.pid) - before).toBeGreaterThan(0.1);
  });

  it('shows the CPU of children, also after their end', async () => {
    const before = cpuSecondsOfFamily(process.pid);
    const own = cpuSeconds(process.pid);
    const child = spawn(process.execPath, ['-e', 'do for (let i = 0; i < 1e6; i++); while (process.cpuUsage().user < 300_000);']);
    await once(child, 'exit');
    const children = cpuSecondsOfFamily(process.pid) - before - (cpuSeconds(process.pid) - own);
    expect(children).toBeGreaterThanOrEqual(0.25);
  });

  it('has memory', () => {
    const bytes = Buffer.alloc(64 * 2 ** 20, 1);
    expect(pssOfFamily(process.pid)).toBeGreaterThan(bytes.length);
  });

  it('has the Node processes above it as ancestors', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()']);
    try {
      expect(nodeAncestorsOf(child.pid ?? 0)[0]).toBe(process.pid);
    } finally {
      child.kill();
      await once(child, 'exit');
    }
  });

  it('has no figure after its end, instead of a wrong one', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    const pid = child.pid ?? 0;
    await once(child, 'exit');
    expect(cpuSeconds(pid)).toBeNaN();
    expect(cpuSecondsOfFamily(pid)).toBeNaN();
  });
});
