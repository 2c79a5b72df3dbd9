import { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ProcessSpec } from './process-spec.ts';
import { endOrphans, ownerVariable, ProcessRecord } from './record.ts';
import { backOff, NotReady } from './supervised.ts';
import { Supervisor } from './supervisor.ts';

let folder = '';
let record = '';
let supervisor: Supervisor;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rentmesh-test-'));
  record = join(folder, 'processes.json');
  supervisor = new Supervisor(join(folder, 'logs'), new ProcessRecord(record), { [ownerVariable]: folder });
});
afterEach(async () => {
  await supervisor.shutdown();
  rmSync(folder, { recursive: true });
});

/** A process that writes "up" and stays. @param script what it does besides */
function spec(name: string, script = ''): ProcessSpec {
  return {
    name,
    title: name,
    address: '-',
    command: process.execPath,
    args: ['-e', `${script}; console.log('up'); setInterval(() => {}, 1000)`],
    stopSignal: 'SIGTERM',
    stopSeconds: 0.5,
    readySeconds: 10,
    ready: async () => readFileSync(join(folder, 'logs', `${name}.log`), 'utf8').includes('up'),
  };
}

function pidOf(name: string): number | undefined {
  return supervisor.status().find((each) => each.name === name)?.pid;
}

function isAlive(pid: number | undefined): boolean {
  try {
    return pid !== undefined && process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Waits until a condition holds; fails when it does not within a limit that only bounds a hanging test. */
async function until(condition: () => boolean): Promise<void> {
  await vi.waitFor(() => expect(condition(), String(condition)).toBe(true), { timeout: 20_000, interval: 10 });
}

describe('the supervisor', () => {
  it('starts again what dies, and counts it', async () => {
    await supervisor.startStage([spec('one')]);
    const first = pidOf('one');
    await supervisor.kill('one', 'SIGKILL');
    await until(() => pidOf('one') !== undefined && pidOf('one') !== first);
    expect(supervisor.status()[0]).toMatchObject({ name: 'one', restarts: 1 });
  });

  it('leaves stopped what was stopped, until it is started', async () => {
    await supervisor.startStage([spec('one')]);
    await supervisor.stop('one');
    expect(supervisor.status()[0]).toMatchObject({ state: 'stopped', pid: undefined, restarts: 0 });
    await supervisor.start('one');
    expect(supervisor.status()[0]).toMatchObject({ state: 'ready' });
  });

  it('stops stages in reverse, and forces what does not stop', async () => {
    const signals = join(folder, 'signals');
    const append = (text: string) => `fs.appendFileSync(${JSON.stringify(signals)}, ${text})`;
    // The second stage writes its pid, so that the first can see whether it is still alive.
    const alive = `(() => { try { return process.kill(Number(fs.readFileSync(${JSON.stringify(signals)}, 'utf8').split('\\n')[0]), 0) } catch { return false } })()`;
    await supervisor.startStage([
      spec('engine', `process.on('SIGTERM', () => { ${append(`'engine, while stubborn lives: ' + ${alive} + '\\n'`)}; process.exit() })`),
    ]);
    await supervisor.startStage([
      spec('stubborn', `process.on('SIGTERM', () => ${append(`'stubborn\\n'`)}); ${append(`process.pid + '\\n'`)}`),
    ]);
    const [engine, stubborn] = [pidOf('engine'), pidOf('stubborn')];
    expect([isAlive(engine), isAlive(stubborn)]).toEqual([true, true]);
    await supervisor.shutdown();
    expect([isAlive(engine), isAlive(stubborn)]).toEqual([false, false]);
    expect(readFileSync(signals, 'utf8').trim().split('\n')).toEqual([String(stubborn), 'stubborn', 'engine, while stubborn lives: false']);
  });

  it('means all replicas by the name of a service', async () => {
    await supervisor.startStage([spec('car-1'), spec('car-2'), spec('car-1-sidecar')]);
    await supervisor.stop('car');
    expect(supervisor.status().map(({ state }) => state)).toEqual(['stopped', 'stopped', 'ready']);
    await expect(supervisor.stop('bus')).rejects.toThrow('There is no process "bus"; there are: car-1, car-2, car-1-sidecar.');
  });

  it('takes a process into the stage of another one, and out again', async () => {
    await supervisor.startStage([spec('car-1'), spec('rental-1')]);
    await supervisor.join('car-1', spec('car-2'));
    const names = () => supervisor.status().map(({ name, state }) => `${name} ${state}`);
    expect(names()).toEqual(['car-1 ready', 'car-2 ready', 'rental-1 ready']);
    const pid = pidOf('car-2');
    await supervisor.remove('car-2');
    expect(names()).toEqual(['car-1 ready', 'rental-1 ready']);
    expect(isAlive(pid)).toBe(false);
    await expect(supervisor.join('bus-1', spec('bus-2'))).rejects.toThrow('There is no process "bus-1".');
  });

  it('takes none in when it is stopping', async () => {
    await supervisor.startStage([spec('car-1')]);
    const stopping = supervisor.shutdown();
    await expect(supervisor.join('car-1', spec('car-2'))).rejects.toBeInstanceOf(NotReady);
    await stopping;
  });

  it('gives up a process that cannot start, and names its log', async () => {
    const failure = await supervisor.startStage([spec('broken', 'process.exit(1)')]).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(NotReady);
    expect(failure).toMatchObject({ message: 'broken (broken) died 5 times while starting.', log: join(folder, 'logs', 'broken.log') });
  });

  it('leaves one process when it is started while it stops', async () => {
    const pids = join(folder, 'pids');
    // Takes a while to stop, and says who lives.
    const slow = `fs.appendFileSync(${JSON.stringify(pids)}, process.pid + '\\n'); process.on('SIGTERM', () => setTimeout(() => process.exit(), 300))`;
    await supervisor.startStage([spec('one', slow)]);
    const first = pidOf('one');
    const stopping = supervisor.stop('one');
    await until(() => supervisor.status()[0]?.state === 'stopping');
    const starting = supervisor.start('one');
    expect(pidOf('one')).toBe(first);
    await stopping;
    expect(isAlive(first)).toBe(false);
    await starting;
    const started = () => readFileSync(pids, 'utf8').trim().split('\n').map(Number);
    await until(() => started().length === 2);
    expect(started().filter(isAlive)).toEqual([pidOf('one')]);
    await supervisor.shutdown();
    expect(started().filter(isAlive)).toEqual([]);
    expect(JSON.parse(readFileSync(record, 'utf8'))).toEqual([]);
  });

  it.each(['stop', 'stop and start'])('leaves at most one process after %s while it prepares', async (what) => {
    const pids = join(folder, 'pids');
    const { promise: prepared, resolve: finish } = Promise.withResolvers<void>();
    const prepare = vi.fn(() => prepared);
    const one = spec('one', `fs.appendFileSync(${JSON.stringify(pids)}, process.pid + '\\n')`);
    const first = supervisor.startStage([{ ...one, prepare }]).catch((error: unknown) => error);
    await until(() => prepare.mock.calls.length === 1);
    const stopping = supervisor.stop('one');
    const second = what === 'stop' ? undefined : supervisor.start('one');
    finish();
    await Promise.all([first, stopping, second]);
    const started = () => (existsSync(pids) ? readFileSync(pids, 'utf8').trim().split('\n').map(Number) : []);
    // A program needs a moment until it has written its pid.
    if (what !== 'stop') await until(() => started().includes(pidOf('one') ?? 0));
    expect(started().filter(isAlive)).toEqual(what === 'stop' ? [] : [pidOf('one')]);
    expect(supervisor.status()[0]?.state).toBe(what === 'stop' ? 'stopped' : 'ready');
    await supervisor.shutdown();
    expect(started().filter(isAlive)).toEqual([]);
  });

  it('starts nothing any more while it shuts down, not even a restart that is under way', async () => {
    await supervisor.startStage([spec('one', `process.on('SIGTERM', () => setTimeout(() => process.exit(), 200))`)]);
    const restarting = supervisor.restart('one').catch((error: unknown) => error);
    await supervisor.shutdown();
    expect(await restarting).toBeInstanceOf(NotReady);
    await expect(supervisor.start('one')).rejects.toBeInstanceOf(NotReady);
    expect(supervisor.status()[0]).toMatchObject({ state: 'stopped', pid: undefined });
  });

  it('does not take a signal that could not be sent for the end of a process', async () => {
    await supervisor.startStage([spec('one')]);
    const before = pidOf('one');
    // What Node does where the kernel refuses a signal (EPERM), which it never does to root.
    const refusal = vi.spyOn(ChildProcess.prototype, 'kill').mockImplementationOnce(function (this: ChildProcess) {
      this.emit('error', new Error('kill EPERM'));
      return false;
    });
    await supervisor.kill('one', 'SIGHUP');
    refusal.mockRestore();
    expect(supervisor.status()[0]).toMatchObject({ state: 'ready', pid: before, restarts: 0 });
  });

  it('gives up a program that is not there', async () => {
    const missing = { ...spec('missing'), command: join(folder, 'missing') };
    await expect(supervisor.startStage([missing])).rejects.toThrow('missing (missing) died 5 times while starting.');
  });

  it('bounds the size of the logs of running processes', async () => {
    const logs = join(folder, 'rotated');
    const limit = 10_000;
    const rotating = new Supervisor(logs, new ProcessRecord(record), {}, { limit, pause: 5, restPause: 5 });
    const line = 'x'.repeat(99);
    const loud = spec('loud', `console.log('up'); setInterval(() => console.log(${JSON.stringify(line)}), 1)`);
    try {
      await rotating.startStage([{ ...loud, ready: async () => true }]);
      await until(() => existsSync(join(logs, 'loud.log.3')));
      // The process goes on at the new end of its log: no hole of zeros is before it.
      await until(() => readFileSync(join(logs, 'loud.log'), 'utf8').startsWith('x'));
    } finally {
      await rotating.shutdown();
    }
    const files = readdirSync(logs).toSorted();
    expect(files).toEqual(['loud.log', 'loud.log.1', 'loud.log.2', 'loud.log.3']);
    for (const file of files.slice(1)) expect(readFileSync(join(logs, file), 'utf8')).not.toContain('\0');
    for (const file of files.slice(1)) expect(statSync(join(logs, file)).size, file).toBeGreaterThan(limit);
  });

  it('waits longer after each failure, but never long', () => {
    expect([1, 2, 3].map(backOff)).toEqual([100, 200, 400]);
    expect(backOff(50)).toBe(5_000);
  });

  it('leaves a record by which its processes are found and ended after it was killed', async () => {
    await supervisor.startStage([spec('one'), spec('two')]);
    const pids = [pidOf('one'), pidOf('two')];
    // The supervisor is alive here, and would start them again.
    const left = readFileSync(record, 'utf8');
    expect(JSON.parse(left)).toHaveLength(2);
    const ended = endOrphans(record, folder);
    await until(() => pids.every((pid) => !isAlive(pid)));
    await supervisor.shutdown();
    expect((await ended).toSorted()).toEqual(['one', 'two']);
  });
});
