import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, it } from 'vitest';
import { root } from '../paths.mjs';
import { publicationWarning, runsPrometheus } from './exposure.ts';
import { composeContainer, composeServices } from './layout.ts';

const STATS_PORT = 15090;
const target = mkdtempSync(join(tmpdir(), 'rentmesh-configuration-'));
afterAll(() => rmSync(target, { recursive: true }));

/** Runs the program of the container `mesh` until it has written the configuration. @returns its log lines */
async function configure(environment: Readonly<Record<string, string>>, policies = join(root, 'mesh')): Promise<string[]> {
  const child = spawn(process.execPath, [join(root, 'dev', 'compose', 'mesh.ts'), policies, target], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      lines.push(line);
      if (line.includes('policies applied')) return lines;
    }
    throw new Error(`mesh.ts ended: ${lines.join('\n')}`);
  } finally {
    child.kill();
    if (child.exitCode === null) await once(child, 'exit');
  }
}

/** The Envoys that offer their statistics. */
function offering(): string[] {
  const envoys = ['edge', ...composeServices.map((service) => `${composeContainer(service)}-sidecar`)];
  const offers = new RegExp(`"port_value":\\s*${STATS_PORT}\\b`);
  return envoys.filter((envoy) => offers.test(readFileSync(join(target, envoy, 'lds.json'), 'utf8')));
}

describe('the configuration of the Envoys in Compose', { timeout: 60_000 }, () => {
  it('offers statistics only where Prometheus runs, and warns where other machines reach the edge', async () => {
    const alone = await configure({ SYSTEMS: 'rentcar,jaeger', RENTMESH_ADDRESS: '127.0.0.1' });
    expect(offering()).toEqual([]);
    expect(alone.join('\n')).not.toContain('published on');
    const observed = await configure({ SYSTEMS: 'rentcar,grafana', RENTMESH_ADDRESS: '0.0.0.0' });
    expect(offering()).toHaveLength(composeServices.length + 1);
    expect(observed.join('\n')).toContain('The edge and the dashboards are published on 0.0.0.0');
  });

  it('begins with the warnings of the policies', async () => {
    const policies = join(target, 'mesh');
    cpSync(join(root, 'mesh'), policies, { recursive: true });
    const filter = 'apiVersion: networking.istio.io/v1alpha3\nkind: EnvoyFilter\nmetadata: {name: x}\nspec: {}\n';
    writeFileSync(join(policies, 'filter.yaml'), filter);
    const lines = (await configure({}, policies)).join('\n');
    expect(lines).toMatch(/"level":"warn".*filter\.yaml:2: EnvoyFilter: no effect here/);
    expect(lines).toMatch(/"clusterOnly":".*AuthorizationPolicy \(\d+\)/);
  });
});

describe('exposure', () => {
  it.each(['0.0.0.0', '192.168.1.4', '::', '[::]', '128.0.0.1'])('to %s is warned of', (address) => {
    expect(publicationWarning(address)).toContain(`published on ${address}`);
  });

  it.each(['127.0.0.1', '127.1.2.3', '[::1]', 'localhost'])('to %s is not', (address) => {
    expect(publicationWarning(address)).toBeUndefined();
  });

  it('of statistics follows the profiles', () => {
    expect(['none', 'rentcar,prometheus', 'grafana', 'rentcar'].map(runsPrometheus)).toEqual([false, true, true, false]);
  });
});
