import { readFileSync } from 'node:fs';
import { credentials } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import { FaultServiceClient, Faults } from '#proto/rentmesh/fault/v1/fault.ts';
import { findDemo, listDemos, nameOf } from '../dev/demos/catalogue.ts';
import type { DemoOptions } from '../dev/demos/demo.ts';
import { recover } from '../dev/demos/environment.ts';
import type { DemoSecond } from '../dev/demos/record.ts';
import { DemoRunner } from '../dev/demos/runner.ts';
import { policyFile } from './mesh/support/policy.ts';
import { command, start } from './support/command.ts';
import { eventually } from './support/eventually.ts';
import { control, system } from './support/instance.ts';

const listed = await listDemos();

/** As many users and seconds as suffice for every promise. A test below plays `retries`. */
const OPTIONS: Readonly<Record<string, DemoOptions>> = {
  circuit: { users: 50, seconds: 4 },
  ejection: { users: 10, seconds: 3 },
  decoupling: { users: 5, seconds: 2 },
  timeout: { users: 10, seconds: 3 },
  pool: { users: 2, seconds: 3 },
};

const POLICY = policyFile('rentcar/reservation.yaml');
const policyBefore = readFileSync(POLICY, 'utf8');

/** The replicas of car with the addresses of the services themselves. */
async function cars(): Promise<{ name: string; address: string }[]> {
  const { processes } = await control.status();
  return processes.filter(({ name }) => /^rentcar\/car-\d+$/.test(name)).map(({ name, address }) => ({ name, address }));
}

/** The faults that a process has, none being the default message. */
function faultsAt(address: string): Promise<Faults | undefined> {
  const client = new FaultServiceClient(address, credentials.createInsecure());
  return new Promise<Faults | undefined>((resolve, reject) => {
    client.getFaults({}, (error, response) => (error === null ? resolve(response.faults) : reject(error)));
  }).finally(() => client.close());
}

/** Whether everything is as a demonstration found it. */
async function expectAsBefore(): Promise<void> {
  const replicas = await cars();
  expect(replicas.map(({ name }) => name)).toEqual(['rentcar/car-1']);
  for (const { address } of replicas) expect(await faultsAt(address)).toEqual(Faults.fromPartial({}));
  expect((await control.status()).processes.filter(({ state }) => state !== 'ready')).toEqual([]);
  expect(readFileSync(POLICY, 'utf8')).toBe(policyBefore);
}

/** Starts the demonstration that edits a policy, and waits until the edit is made. */
async function startPool() {
  const running = start(process.execPath, ['dev/demos/main.ts', 'rentcar/pool']);
  await eventually('the policy is edited', async () => expect(readFileSync(POLICY, 'utf8')).toContain('http2MaxRequests: 1\n'));
  return running;
}

describe('a demonstration', () => {
  afterEach(expectAsBefore);

  it.each(Object.entries(OPTIONS))('%s finds every promise kept, and leaves everything as before', async (name, options) => {
    const found = findDemo(`rentcar/${name}`, listed);
    const shown: DemoSecond[] = [];
    const run = await DemoRunner.open({
      ...found,
      options,
      topology: system,
      view: { second: (second, _, isOver) => void (isOver && shown.push(second)) },
      signal: new AbortController().signal,
    });
    const findings = await run();
    expect(findings.length).toBeGreaterThan(2);
    expect(findings.filter(({ held }) => !held)).toEqual([]);
    expect(shown.length).toBeGreaterThan(options.seconds);
    expect(shown.some(({ succeeded }) => succeeded > 0)).toBe(true);
  });

  it('is shown on a terminal: the lines of the policies that decide it, every second, and its promises', async () => {
    const { code, stdout, output } = await command('demo', 'rentcar/retries', '--users', '10', '--seconds', '3');
    expect(code, output).toBe(0);
    expect(stdout).toMatch(/rentcar\/car\.yaml:\d+ {2,}attempts: 2/);
    // A line for each second, without control characters where there is no terminal.
    for (const second of [1, 3]) expect(stdout).toMatch(new RegExp(`^ *${second} s \\S+ +\\d+ `, 'm'));
    expect(stdout).toMatch(/✓ every call succeeds/);
    expect(stdout).not.toContain('\u001b');
    expect(stdout).not.toContain('✗');
  });

  it('puts an edited policy back when it is interrupted', async () => {
    const running = await startPool();
    running.kill('SIGINT');
    const { code, output } = await running.ended;
    expect(code, output).toBe(130);
  });

  it('that was killed is undone by the next one', async () => {
    const running = await startPool();
    running.kill('SIGKILL');
    await running.ended;
    expect(readFileSync(POLICY, 'utf8')).not.toBe(policyBefore);
    expect(await recover(system)).toBe(true);
  });

  it('does not begin where car has faults already', async () => {
    const [car] = await cars();
    const client = new FaultServiceClient(car?.address ?? '', credentials.createInsecure());
    const set = (faults: Faults) =>
      new Promise<void>((resolve, reject) => {
        client.setFaults({ faults }, (error) => (error === null ? resolve() : reject(error)));
      });
    await set(Faults.fromPartial({ delayMsMin: 1, delayMsMax: 1 }));
    try {
      expect(await command('demo', 'circuit')).toMatchObject({ code: 1, output: expect.stringContaining('car-1 has faults set already') });
    } finally {
      await set(Faults.fromPartial({}));
      client.close();
    }
  });
});

describe('npm run demo', () => {
  it('lists the demonstrations', async () => {
    const { code, stdout } = await command('demo');
    expect(code).toBe(0);
    for (const each of listed) expect(stdout).toContain(`  ${nameOf(each, listed)} `);
  });

  it.each<[string, string[], string]>([
    ['an unknown name', ['nothing'], 'there is no demonstration "nothing"'],
    ['too few users', ['rentcar/circuit', '--users', '0'], 'usage: npm run demo -- rentcar/circuit'],
    ['too long a time', ['rentcar/circuit', '--seconds', '3600'], 'usage: npm run demo -- rentcar/circuit'],
    ['an unknown option', ['rentcar/circuit', '--loud'], 'usage: npm run demo -- rentcar/circuit'],
  ])('refuses %s in a sentence', async (_, args, sentence) => {
    expect(await command('demo', ...args)).toMatchObject({ code: 2, output: expect.stringContaining(sentence) });
  });
});
