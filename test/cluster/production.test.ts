import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setFaultsAt } from '../../dev/laptop/faults.ts';
import { root } from '../../dev/paths.mjs';
import { stockAddsUp } from '../resilience/support/resilience.ts';
import { eventually } from '../support/eventually.ts';
import { kubectl, kubectlJson } from './support/command.ts';
import { forwarded } from './support/forward.ts';
import { applyOverlay, overlayReady } from './support/overlay.ts';
import { podsOf } from './support/pods.ts';

const OVERLAY = join(root, 'mesh', 'overlays', 'production');
/** The overlay as somebody uses it, with an image, a broker and databases that are here. */
const USED = join(import.meta.dirname, 'production');
const APPLY_MS = 120_000;
const READY_MS = 180_000;

const DEPLOYMENTS = [
  { namespace: 'rentcar', names: ['car', 'reservation', 'rental', 'mypage'] },
  { namespace: 'edge', names: ['edge', 'gateway', 'ingress'] },
];
const HOST = 'rentcar.example.com';
const folder = mkdtempSync(join(tmpdir(), 'rentmesh-production-'));
const [key, certificate] = [join(folder, 'tls.key'), join(folder, 'tls.crt')];

async function removeWorkloads(): Promise<void> {
  for (const { namespace } of DEPLOYMENTS)
    await kubectl(['delete', 'deployment,hpa', '-n', namespace, '--all', '--cascade=foreground'], { limitMs: APPLY_MS });
}

beforeAll(() => {
  const subject = ['-subj', `/CN=${HOST}`, '-addext', `subjectAltName=DNS:${HOST}`];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-keyout', key, '-out', certificate, ...subject],
    {
      stdio: 'ignore',
    },
  );
});

afterAll(async () => {
  rmSync(folder, { recursive: true });
  await removeWorkloads();
  await kubectl(['delete', 'secret', '-n', 'edge', 'edge-certificate', '--ignore-not-found']);
  await applyOverlay();
  await overlayReady();
});

/** A call of the REST form at the door, which has to prove who it is by the certificate. */
async function call<T>(method: 'GET' | 'POST', path: string, body?: object): Promise<T> {
  const { spec } = await kubectlJson<{ spec: { clusterIP: string } }>(['get', 'service', '-n', 'edge', 'ingress']);
  const { status, text } = await new Promise<{ status: number; text: string }>((resolve, reject) => {
    const options = { host: spec.clusterIP, port: 443, servername: HOST, ca: readFileSync(certificate), method, path, timeout: 10_000 };
    const sent = request({ ...options, headers: { host: HOST, 'content-type': 'application/json' } }, (response) => {
      let answer = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        answer += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: answer }));
    });
    sent.on('timeout', () => sent.destroy(new Error(`${method} ${path} was not answered`)));
    sent.on('error', reject);
    sent.end(body && JSON.stringify(body));
  });
  if (status !== 200) throw new Error(`${method} ${path}: ${status} ${text}`);
  // What a path answers is for its caller to know.
  return JSON.parse(text) as T;
}

describe('the production overlay', () => {
  it('is taken by the API server and by istiod as it is', async () => {
    const said = await kubectl(['apply', '-k', OVERLAY, '--dry-run=server'], { limitMs: APPLY_MS });
    const lines = said.trim().split('\n');
    expect(lines.filter((line) => !line.endsWith('(server dry run)'))).toEqual([]);
    expect(lines.length).toBeGreaterThan(50);
  });

  it('does the main job behind TLS, on databases that it knows from Secrets alone, with two pods of everything on different nodes', async () => {
    await removeWorkloads();
    await kubectl(['create', 'secret', 'tls', '-n', 'edge', 'edge-certificate', `--cert=${certificate}`, `--key=${key}`]);
    const begin = performance.now();
    await kubectl(['apply', '-k', USED], { limitMs: APPLY_MS });
    const { items: nodes } = await kubectlJson<{ items: unknown[] }>(['get', 'nodes']);
    const wanted = { ready: Math.min(nodes.length, 2), waiting: Math.max(0, 2 - nodes.length) };
    for (const { namespace, names } of DEPLOYMENTS)
      for (const name of names)
        await eventually(
          `${name} has two pods`,
          async () => {
            const pods = await podsOf(namespace, name);
            const waiting = pods.filter(({ phase, unscheduled }) => phase === 'Pending' && /anti-affinity/.test(unscheduled)).length;
            expect({ ready: pods.filter(({ ready }) => ready).length, waiting }, JSON.stringify(pods)).toEqual(wanted);
          },
          READY_MS,
        );
    const seconds = ((performance.now() - begin) / 1000).toFixed(0);
    console.log(
      `  after ${seconds} s, of two pods of each on ${nodes.length} node: ${wanted.ready} ready, ${wanted.waiting} for another node`,
    );
    const car = { carName: 'Ioniq 5', qty: 2 };
    const { carId } = await eventually('the door takes calls', () => call<{ carId: string }>('POST', '/rentcar/cars', car));
    const made = await call<{ reservationId: string }>('POST', '/rentcar/reservations', { carId, userId: 'production' });
    await eventually('mypage shows the allocation', async () =>
      expect(await call('GET', `/rentcar/mypages/${made.reservationId}`)).toMatchObject({ status: 'ALLOCATED' }),
    );
    expect(await call('GET', `/rentcar/cars/${carId}`)).toMatchObject({ qty: 1 });
    await stockAddsUp();
  });

  it('has nothing that makes services slow or wrong on purpose', async () => {
    const attempt = forwarded('rentcar', 'deployment/car', 50051, (port) => setFaultsAt(`127.0.0.1:${port}`, {}));
    await expect(attempt).rejects.toThrow(/without FAULT_INJECTION/);
  });
});
