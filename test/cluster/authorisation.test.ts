import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attempt, callCar, openKafka, openMongo, openPostgres } from './support/attempts.ts';
import { kubectl } from './support/command.ts';

/** A namespace whose pods get no sidecar. */
const OUTSIDE = 'rentmesh-outside';

const PLAIN = { namespace: OUTSIDE, target: 'pod/plain', container: 'plain' };
const service = (name: string) => ({ namespace: 'rentcar', target: `deployment/${name}`, container: name });
const gateway = { namespace: 'edge', target: 'deployment/gateway', container: 'gateway' };

const CHECK = callCar('rentcar.car.v1.CarService/CheckUpdateStock');
const READ = callCar('rentcar.car.v1.CarService/GetCar');
const FAULTS = callCar('rentmesh.fault.v1.FaultService/SetFaults');

/** How car itself answers an empty request: who gets this got through. */
const ANSWERED = 'INVALID_ARGUMENT';

beforeAll(async () => {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'plain', namespace: OUTSIDE },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          name: 'plain',
          image: 'docker.io/library/rentmesh:dev',
          imagePullPolicy: 'IfNotPresent',
          command: ['node', '-e', 'setInterval(() => {}, 1e6)'],
        },
      ],
    },
  };
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: OUTSIDE } };
  await kubectl(['apply', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [namespace, pod] }) });
  await kubectl(['wait', '-n', OUTSIDE, '--for=condition=Ready', 'pod/plain', '--timeout=60s'], { limitMs: 65_000 });
});

afterAll(async () => {
  await kubectl(['delete', 'namespace', OUTSIDE, '--wait=false']);
});

describe('a pod without a sidecar', () => {
  it('cannot call car, since it has no identity', async () => {
    expect(await attempt(PLAIN, CHECK)).toBe('UNAVAILABLE');
    expect(await attempt(PLAIN, READ)).toBe('UNAVAILABLE');
  });

  it('cannot use the databases or the broker, with the right password or not', async () => {
    expect(await attempt(PLAIN, openPostgres('rentcar_car'))).toMatch(/^refused/);
    expect(await attempt(PLAIN, openMongo)).toMatch(/^refused/);
    expect(await attempt(PLAIN, openKafka)).toMatch(/^refused/);
  });
});

describe('a pod with a sidecar', () => {
  it('takes stock as reservation, and as nobody else', async () => {
    expect(await attempt(service('reservation'), CHECK)).toBe(ANSWERED);
    for (const other of [service('rental'), service('mypage'), gateway]) expect(await attempt(other, CHECK)).toBe('PERMISSION_DENIED');
  });

  it('calls public methods as the gateway, and not as a service that has no need to', async () => {
    expect(await attempt(gateway, READ)).toBe(ANSWERED);
    for (const other of ['reservation', 'rental']) expect(await attempt(service(other), READ)).toBe('PERMISSION_DENIED');
  });

  it('sets no faults, whoever it is', async () => {
    for (const caller of [service('reservation'), gateway]) expect(await attempt(caller, FAULTS)).toBe('PERMISSION_DENIED');
  });

  it('uses the stores that are its own, and no others', async () => {
    expect(await attempt(service('car'), openPostgres('rentcar_car'))).toBe('open');
    expect(await attempt(service('mypage'), openMongo)).toBe('open');
    expect(await attempt(service('mypage'), openKafka)).toBe('open');
    expect(await attempt(service('mypage'), openPostgres('rentcar_car'))).toMatch(/^refused/);
    expect(await attempt(service('car'), openMongo)).toMatch(/^refused/);
    expect(await attempt(gateway, openKafka)).toMatch(/^refused/);
    expect(await attempt(gateway, openPostgres('rentcar_car'))).toMatch(/^refused/);
  });
});
