import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { engines } from '../engines/engines.ts';
import { root } from '../paths.mjs';
import { DataPlane } from './data-plane.ts';
import { LivePolicy } from './policy.ts';
import { ProcessRecord } from './record.ts';
import { scale } from './scaling.ts';
import { Supervisor } from './supervisor.ts';
import { podOf, type Topology, topology } from './topology.ts';
import { listFiles } from './watch.ts';

/** An instance that nobody starts: no Envoy answers at its addresses. */
const INSTANCE = 199;

let folder = '';
let system: Topology;
let dataPlane: DataPlane;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rentmesh-test-'));
  system = topology(INSTANCE, { home: folder, mesh: join(folder, 'mesh') });
  cpSync(join(root, 'mesh'), system.mesh, { recursive: true });
  dataPlane = new DataPlane(system);
  dataPlane.write();
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The clusters' file of a workload. */
function clusters(workload: string): string {
  return readFileSync(join(system.state.envoy, workload, 'cds.json'), 'utf8');
}

/** Another replica of car. */
function second() {
  const first = system.pods.find(({ name }) => name === 'rentcar/car-1');
  if (first === undefined) throw new Error('car has no pod');
  return podOf(INSTANCE, first.service, 2);
}

describe('the data plane', () => {
  it('writes a configuration for every sidecar and for the edge', () => {
    expect([...dataPlane.write().keys()]).toEqual([...system.pods.map(({ name }) => `${name}-sidecar`), 'edge']);
  });

  it('lets a replica be called from when it is opened, until it is drained', async () => {
    const pod = second();
    const { address } = pod.workload;
    const callers = () => ['rentcar/reservation-1', 'edge/edge'].map((name) => clusters(name).includes(`"${address}"`));
    const bootstrap = dataPlane.admit(pod);
    expect(existsSync(bootstrap)).toBe(true);
    expect(callers()).toEqual([false, false]);
    await dataPlane.open(pod);
    expect(callers()).toEqual([true, true]);
    expect(clusters(pod.name)).toContain('127.219.1.1');
    await dataPlane.drain(pod);
    expect(callers()).toEqual([false, false]);
    dataPlane.forget(pod);
    expect(existsSync(bootstrap)).toBe(false);
  });

  it('brings policies into force when it is told to, not when they are read', async () => {
    const file = join(system.mesh, 'rentcar', 'car.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('maxConnections: 64', 'maxConnections: 61'));
    const mesh = dataPlane.load();
    dataPlane.write();
    expect(clusters('rentcar/reservation-1')).not.toContain('"max_connections": 61');
    await dataPlane.apply(mesh);
    expect(clusters('rentcar/reservation-1')).toContain('"max_connections": 61');
  });
});

describe('scaling', () => {
  it('is refused with a sentence for what cannot be', async () => {
    const supervisor = new Supervisor(system.state.logs, new ProcessRecord(system.state.record), {});
    const running = { topology: system, dataPlane, supervisor, engines: engines(system) };
    await expect(scale(running, 'bus', 2)).rejects.toThrow(/^There is no service "bus"; there are: .*rentcar\/car-1, /);
    for (const replicas of [0, 21, 1.5])
      await expect(scale(running, 'car', replicas)).rejects.toThrow(`A service has from 1 to 20 replicas, not ${replicas}`);
  });
});

describe('a policy file that is saved while the system runs', () => {
  it('is brought into force, or is reported and changes nothing, until it is mended', async () => {
    const reports: { ok: boolean; detail: string }[] = [];
    const reported = async (count: number) => {
      await vi.waitFor(() => expect(reports.length, JSON.stringify(reports)).toBeGreaterThanOrEqual(count), { timeout: 20_000 });
      return reports[count - 1];
    };
    const policy = new LivePolicy(dataPlane, system.mesh, listFiles(system.mesh), (ok, detail) => reports.push({ ok, detail }));
    try {
      const file = join(system.mesh, 'rentcar', 'car.yaml');
      const text = readFileSync(file, 'utf8');
      const before = clusters('rentcar/reservation-1');
      writeFileSync(file, `${text}\n  wrong: 1\n`);
      expect(await reported(1)).toMatchObject({ ok: false, detail: expect.stringMatching(/car\.yaml:\d+: .*wrong/s) });
      expect(policy.status).toMatchObject({ ok: false, error: expect.stringContaining('car.yaml') });
      expect(clusters('rentcar/reservation-1')).toBe(before);
      writeFileSync(file, text.replace('maxConnections: 64', 'maxConnections: 61'));
      expect(await reported(2)).toMatchObject({ ok: true });
      expect(policy.status).toEqual({ ok: true, at: expect.any(String) });
      expect(clusters('rentcar/reservation-1')).toContain('"max_connections": 61');
    } finally {
      policy.end();
    }
  });
});
