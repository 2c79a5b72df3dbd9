import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { composeContainer, composeServices } from '../../dev/compose/layout.ts';
import { root } from '../../dev/paths.mjs';
import { chooseSystems } from '../../dev/systems/systems.ts';
import { prove } from '../../services/rentcar/dev/proof.ts';
import { eventually } from '../support/eventually.ts';
import { compose, containerOf, docker, inside, run } from './support/docker.ts';

/** Beside a system of the laptop, and one that somebody has brought up by hand. */
const PORT = '18088';
const EDGE = `http://localhost:${PORT}`;

/** The containers of the services that run by default. */
const running = composeServices
  .filter(({ system }) => system === 'edge' || chooseSystems([]).some(({ name }) => name === system))
  .map(composeContainer);

/** A restart by Docker, on a machine that is busy. */
const RESTART_MS = 120_000;

const policies = mkdtempSync(join(tmpdir(), 'rentmesh-mesh-'));
cpSync(join(root, 'mesh'), policies, { recursive: true });
// The container that reads them is another user.
chmodSync(policies, 0o755);
Object.assign(process.env, { COMPOSE_PROJECT_NAME: 'rentmesh-test', RENTMESH_PORT: PORT, RENTMESH_MESH: policies });

afterAll(async () => {
  await compose('down', '--volumes', '--timeout', '20');
  rmSync(policies, { recursive: true });
});

/** Ends the process of a container as the machine's kernel would: Docker does not know that it was meant. Resolves when it is back. */
async function crash(service: string): Promise<void> {
  const { State, RestartCount } = await containerOf(service);
  process.kill(State.Pid, 'SIGKILL');
  await eventually(
    `the restart of ${service}`,
    async () => {
      const now = await containerOf(service);
      expect(now.RestartCount).toBeGreaterThan(RestartCount);
      expect(now.State.Health?.Status).toBe('healthy');
    },
    RESTART_MS,
  );
}

/** The whole main job: register, reserve, allocation and view by events, cancel. */
async function proves(): Promise<void> {
  await prove(EDGE, () => undefined);
}

/** Checks that no stock was lost or sold twice. A machine that is busy may not let it connect at once. */
async function holds(): Promise<void> {
  await eventually(
    'the invariant',
    async () => expect(await compose('run', '--rm', '--no-TTY', 'check')).toContain('It holds for'),
    RESTART_MS,
  );
}

describe('docker compose', () => {
  it('up --wait brings up everything healthy', async () => {
    const begin = performance.now();
    await compose('up', '--wait', '--wait-timeout', '550');
    console.log(`  up after ${((performance.now() - begin) / 1000).toFixed(1)} s`);
    for (const name of ['edge', 'mesh', 'postgres', 'kafka', 'mongo', ...running.flatMap((name) => [name, `${name}-sidecar`])])
      expect((await containerOf(name)).State.Health?.Status, name).toBe('healthy');
    await eventually('the main job', proves, RESTART_MS);
  });

  it('then answers the commands of the README', async () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    const commands = [...readme.matchAll(/^curl [^\n]*localhost:8088[^\n]*$/gm)].map(([line]) =>
      line.replaceAll('localhost:8088', `localhost:${PORT}`),
    );
    expect(commands.length).toBeGreaterThan(4);
    for (const command of commands) {
      // As a person's shell would run them; an error answer is a failure.
      const answer = await run('sh', ['-c', command.replace(/^curl /, 'curl --fail-with-body -sS ')]);
      expect(answer, command).not.toBe('');
    }
    expect(await compose('run', '--rm', '--no-TTY', 'dlq', 'list')).toContain('No event is waiting');
    await holds();
  });

  it('lets no container run as root', async () => {
    const ids = (await compose('ps', '--quiet')).trim().split('\n');
    const containers = JSON.parse(await docker('inspect', ...ids)) as { Name: string; State: { Pid: number } }[];
    expect(containers.length).toBeGreaterThanOrEqual(3 * running.length + 5);
    for (const { Name, State } of containers) expect(readFileSync(`/proc/${State.Pid}/status`, 'utf8'), Name).not.toMatch(/^Uid:\s+0\s/m);
  });

  it('keeps what is behind a sidecar, and the databases, from others', async () => {
    const reach = (host: string, port: number) =>
      inside(
        'gateway',
        `require('node:net').connect(${port}, '${host}').on('connect', () => { console.log('open'); process.exit(); }).on('error', (e) => console.log(e.code))`,
      );
    expect(await reach('car.rentcar', 50051)).toBe('open');
    expect(await reach('car.rentcar', 50052)).toBe('ECONNREFUSED');
    expect(await reach('car.rentcar', 15000)).toBe('ECONNREFUSED');
    for (const [store, port] of [
      ['postgres', 5432],
      ['kafka', 9092],
      ['mongo', 27017],
    ] as const)
      expect(await reach(store, port)).not.toBe('open');
    expect(Object.values((await containerOf('postgres')).NetworkSettings.Ports).filter((published) => published !== null)).toEqual([]);
  });

  it('brings a changed policy into force while it runs, and not one with an error', async () => {
    const rental = join(policies, 'rentcar', 'rental.yaml');
    const before = readFileSync(rental, 'utf8');
    const status = async () => (await fetch(`${EDGE}/rentcar/rentals`)).status;
    expect(await status()).toBe(200);
    const fault = 'fault: { abort: { grpcStatus: UNAVAILABLE, percentage: { value: 100 } } }';
    writeFileSync(rental, before.replaceAll(/^( +)(- name: \w[\w-]*)$/gm, `$1$2\n$1  ${fault}`));
    await eventually('the fault', async () => expect(await status()).toBe(503));
    writeFileSync(rental, before.replace('kind: VirtualService', 'kind: VirtualServices'));
    await eventually('the refusal', async () => expect(await compose('logs', 'mesh')).toContain('have an error'));
    expect(await status()).toBe(503);
    writeFileSync(rental, before);
    await eventually('the policy as it was', async () => expect(await status()).toBe(200));
  });

  it('survives the crash of a service and of a sidecar, each in the network that is left, and loses nothing', async () => {
    await crash('rentcar-car');
    await eventually('the main job after the crash of car', proves, RESTART_MS);
    await crash('rentcar-reservation-sidecar');
    await eventually('the main job after the crash of a sidecar', proves, RESTART_MS);
    await crash('kafka');
    await eventually('the main job after the crash of kafka', proves, RESTART_MS);
    await holds();
  });

  it('answers UNAVAILABLE with Retry-After while a service is stopped, and goes on when it is back', async () => {
    await compose('kill', 'rentcar-car');
    const refused = await fetch(`${EDGE}/rentcar/cars`);
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('1');
    await compose('up', '--wait', '--wait-timeout', '550');
    await eventually('the main job', proves, RESTART_MS);
  });

  it('down and up keep the data', async () => {
    const cars = async () => JSON.parse(await run('curl', ['-sS', `${EDGE}/rentcar/cars`])).cars.length;
    const before = await cars();
    await compose('down', '--timeout', '20');
    await compose('up', '--wait', '--wait-timeout', '550');
    expect(await cars()).toBe(before);
    await holds();
  });
});
