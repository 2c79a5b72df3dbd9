import { credentials } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import { FaultServiceClient, Faults } from '#proto/rentmesh/fault/v1/fault.ts';
import { command, start } from './support/command.ts';
import { eventually } from './support/eventually.ts';
import { control } from './support/instance.ts';

const DEMOS = ['circuit', 'ejection', 'retries', 'timeout'] as const;

/** The replicas of car with the addresses of the services themselves. */
async function cars(): Promise<{ name: string; address: string }[]> {
  const { processes } = await control.status();
  return processes.filter(({ name }) => /^car-\d+$/.test(name)).map(({ name, address }) => ({ name, address }));
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
  expect(replicas.map(({ name }) => name)).toEqual(['car-1']);
  for (const { address } of replicas) expect(await faultsAt(address)).toEqual(Faults.fromPartial({}));
}

describe('npm run demo:…', () => {
  afterEach(expectAsBefore);

  it.each(DEMOS)('%s shows what the policies promise, second by second, and leaves everything as it was', async (name) => {
    const { code, stdout, output } = await command(`demo:${name}`);
    expect(code, output).toBe(0);
    expect(stdout).toMatch(/rentcar\/car\.yaml:\d+ {2,}\w+: /);
    // A line for each second, without control characters where there is no terminal.
    for (const second of [1, 5, 10]) expect(stdout).toMatch(new RegExp(`^ *${second} s \\w+ +\\d+ `, 'm'));
    expect(stdout).not.toContain('\u001b');
    expect(stdout).not.toContain('✗');
  });

  it('ends what it has changed when it is interrupted', async () => {
    const running = start(process.execPath, ['dev/bootstrap.mjs', 'demo:ejection']);
    try {
      await eventually('the fault is set', async () => {
        const replicas = await cars();
        expect(replicas.length).toBe(2);
        expect(await faultsAt(replicas.at(-1)?.address ?? '')).toMatchObject({ errorRate: 1 });
      });
    } finally {
      running.kill('SIGINT');
    }
    const { code, output } = await running.ended;
    expect(code, output).toBe(130);
  });

  it('says in a sentence what it does not take, and does nothing', async () => {
    for (const args of [['--users', '0'], ['--seconds', '3600'], ['--loud']]) {
      const { code, output } = await command('demo:circuit', ...args);
      expect({ args, code }).toEqual({ args, code: 2 });
      expect(output).toContain('usage: npm run demo:circuit');
    }
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
      expect(await command('demo:circuit')).toMatchObject({ code: 1, output: expect.stringContaining('car-1 has faults set already') });
    } finally {
      await set(Faults.fromPartial({}));
      client.close();
    }
  });
});
