import { afterAll, afterEach, expect, it } from 'vitest';
import { chooseSystems } from '../../../dev/systems/systems.ts';
import { type Answer, load } from '../../resilience/support/load.ts';
import { each, eventually, range } from '../../support/eventually.ts';
import { patiently } from '../../support/patiently.ts';
import { post } from '../../support/rest.ts';
import { tested } from '../../support/tested/index.ts';
import { ISTIOCTL, kubectl, kubectlJson, run } from './command.ts';
import { applyFromOverlay, NAMESPACES } from './overlay.ts';
import { type Pod, podsOf } from './pods.ts';
import { availability, figures } from './users.ts';

/** A POST that users repeat. */
export interface Work {
  /** Path of the edge: `/rentcar/reservations`. */
  readonly path: string;
  readonly body: object;
}

/** What the checks that all systems have in common need to know of one. */
export interface ClusterSystem {
  /** Its name, which is its namespace. */
  readonly name: string;
  /** Prepares work that succeeds as often as it is repeated. */
  readonly work: () => Promise<Work>;
  /** Waits until the databases of all services agree. */
  readonly agrees: () => Promise<void>;
}

const ROLLOUT_MS = 180_000;
const STARTED_MS = 120_000;

async function rolledOut(namespace: string, name: string): Promise<void> {
  await kubectl(['rollout', 'status', '-n', namespace, `deployment/${name}`, `--timeout=${ROLLOUT_MS / 1000}s`], {
    limitMs: ROLLOUT_MS + 5000,
  });
}

function seconds(since: number): string {
  return ((performance.now() - since) / 1000).toFixed(0);
}

function failureText({ status, at, ms, body }: Answer): string {
  return `${status} in second ${(at / 1000).toFixed(1)}, after ${ms.toFixed(0)} ms: ${body.slice(0, 200)}`;
}

/** Calls until processes that have just started answer well within the timeouts of the policies. */
async function warmUp(work: Work): Promise<void> {
  await each(range(60), 5, () => patiently(() => post(work.path, work.body)));
}

/** Hosts that the services of a namespace export to other namespaces only (mesh/<system>/*.yaml say why). */
async function hostsForOthers(namespace: string): Promise<string[]> {
  interface Listed {
    readonly items: readonly { readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> } }[];
  }
  const { items } = await kubectlJson<Listed>(['get', 'services', '-n', namespace]);
  return items
    .filter(({ metadata }) => !['*', '.', namespace].includes(metadata.annotations?.['networking.istio.io/exportTo'] ?? '*'))
    .map(({ metadata }) => `${metadata.name}.${namespace}.svc.cluster.local`);
}

/** `istioctl analyze` looks for a host from the namespace of its policy, although only callers in other namespaces have the policy. */
function isAboutExport(issue: string, exported: readonly string[]): boolean {
  const [, host = ''] =
    /\[IST0101\].*Referenced host not found: "([^"]+)"|\[IST0174\].*The host (\S+) defined/.exec(issue)?.filter(Boolean) ?? [];
  return exported.some((each) => each === host || host === `*.${each.split('.').slice(1).join('.')}`);
}

/** Every service of the system has a pod that is ready with its sidecar, and `istioctl analyze` finds nothing wrong. */
export function isDeployed({ name: system }: Pick<ClusterSystem, 'name'>): void {
  it('is deployed: every pod is ready with its sidecar, and istioctl analyze finds nothing', async () => {
    const wanted = chooseSystems([system]).flatMap(({ services }) => services.map(({ name }) => name));
    // Pods of an earlier release may still be going.
    await eventually('every service has one pod, ready with its sidecar', async () => {
      const text = await kubectl(['get', 'pods', '-n', system, '-l', 'app', '--no-headers']);
      const pods = text
        .trim()
        .split('\n')
        .map((line) => line.split(/\s+/));
      expect(pods.map(([name = '', ready, status]) => [name.replace(/-.*/, ''), ready, status]).toSorted()).toEqual(
        wanted.map((name) => [name, '2/2', 'Running']).toSorted(),
      );
    });
    const exported = await hostsForOthers(system);
    for (const namespace of NAMESPACES) {
      const { stdout, stderr } = await run(ISTIOCTL, ['analyze', '-n', namespace], { limitMs: 60_000 });
      const issues = (stdout + stderr).split('\n').filter((line) => /^(Error|Warning|Info) \[/.test(line));
      expect(issues.filter((issue) => !isAboutExport(issue, exported))).toEqual([]);
    }
  });
}

/** A callee that takes about as long as its caller waits. */
export interface SlowCallee {
  /** Services of the system: the one that users call, and the one it waits for. */
  readonly front: string;
  readonly callee: string;
  /** The method that is slow: `starcoffee.payment.v1.PaymentService/ApprovePayment`. */
  readonly method: string;
  /** Range of the delay in milliseconds. */
  readonly delayMs: readonly [number, number];
}

/**
 * The circuit's check of the originals: one user for a minute while all is well, then 100 users for a minute while the callee is slow. The
 * circuit opens, the front stays up, and everybody succeeds again afterwards.
 */
export function opensItsCircuit(system: ClusterSystem, { front, callee, method, delayMs }: SlowCallee): void {
  afterEach(async () => {
    await eventually(`${callee} has no faults`, () => tested.setFaults(callee, {}));
  });

  it('answers one user for 60 s: availability 100 %', async () => {
    const work = await system.work();
    await warmUp(work);
    const measured = await availability({ users: 1, seconds: 60 }, work.path, work.body, async () => undefined);
    console.log(`  1 user: ${figures(measured)}`);
    expect(measured.failed.map(failureText)).toEqual([]);
  });

  it(`stays up while ${callee} is slow and 100 users call for 60 s: calls fail fast with Retry-After, and succeed again afterwards`, async () => {
    const work = await system.work();
    const [before] = await podsOf(system.name, front);
    await tested.setFaults(callee, { methods: [method], delayMsMin: delayMs[0], delayMsMax: delayMs[1] });
    const measured = await availability({ users: 100, seconds: 60 }, work.path, work.body, async () => undefined);
    console.log(`  100 users, ${callee} slow: ${figures(measured)}`);
    await tested.setFaults(callee, {});
    expect(measured.failed.length).toBeLessThan(measured.requests);
    expect(measured.failed.filter(({ body }) => body.includes('UPSTREAM_UNAVAILABLE')).length, 'refusals of the circuit').toBeGreaterThan(
      50,
    );
    for (const failure of measured.failed)
      expect(failure, failure.body).toMatchObject({ status: 503, retryAfter: expect.stringMatching(/^\d+$/) });
    expect((await podsOf(system.name, front))[0]).toMatchObject({ name: before?.name, restarts: before?.restarts, ready: true });
    await eventually('calls succeed again', () => post(work.path, work.body));
    await system.agrees();
  });
}

interface Autoscaler {
  readonly spec: { readonly minReplicas: number; readonly maxReplicas: number };
  readonly status: {
    readonly currentReplicas: number;
    readonly currentMetrics?:
      | readonly { readonly containerResource?: { readonly current: { readonly averageUtilization?: number } } }[]
      | null;
  };
}

/** The HorizontalPodAutoscaler of the laptop overlay, and the load that makes it act. */
export interface Autoscaled {
  readonly name: string;
  readonly maxReplicas: number;
  readonly users: number;
  /** What users do, unless it is the work of the system. */
  readonly work?: () => Promise<Work>;
}

/** Longest time until the metrics server knows a pod's CPU, until replicas are there, and until the stabilisation window is over. */
const [MEASURED_MS, GROWN_MS, SHRUNK_MS] = [120_000, 180_000, 300_000];

/** Load drives a service from one to more replicas, and its end back to one. */
export function autoscales(system: ClusterSystem, { name, maxReplicas, users, work = system.work }: Autoscaled): void {
  const autoscaler = () => kubectlJson<Autoscaler>(['get', 'hpa', '-n', system.name, name]);
  const utilization = ({ status }: Autoscaler) => status.currentMetrics?.[0]?.containerResource?.current.averageUtilization;
  const ready = async () => (await podsOf(system.name, name)).filter((pod) => pod.ready && !pod.leaving).length;

  afterAll(async () => {
    await kubectl(['delete', 'hpa', '-n', system.name, name, '--ignore-not-found']);
    await kubectl(['scale', '-n', system.name, `deployment/${name}`, '--replicas=1']);
  });

  it(`load drives ${name} from 1 to more replicas, up to ${maxReplicas}, and its end back to 1`, async () => {
    await applyFromOverlay(({ kind, metadata }) => kind === 'HorizontalPodAutoscaler' && metadata.name === name);
    const idle = await eventually(
      `the autoscaler knows the CPU of ${name}`,
      async () => {
        const now = await autoscaler();
        expect(utilization(now)).toBeDefined();
        expect(now).toMatchObject({ spec: { minReplicas: 1, maxReplicas }, status: { currentReplicas: 1 } });
        return utilization(now);
      },
      MEASURED_MS,
    );
    console.log(`  idle: ${idle} % of the CPU request, 1 replica`);
    const { path, body } = await work();
    const begin = performance.now();
    const running = load(users, path, body);
    try {
      const grown = await eventually(
        'there are more replicas, and they are ready',
        async () => {
          const now = await autoscaler();
          expect(await ready()).toBeGreaterThan(1);
          return now;
        },
        GROWN_MS,
      );
      console.log(`  ${users} users: ${utilization(grown)} %, ${await ready()} replicas ready after ${seconds(begin)} s`);
    } finally {
      await running.end();
    }
    const ended = performance.now();
    await eventually('there is one replica again', async () => expect((await podsOf(system.name, name)).length).toBe(1), SHRUNK_MS);
    console.log(`  1 replica again ${seconds(ended)} s after the load`);
    await system.agrees();
  });
}

/** A load during a rolling update. */
export interface UpdateLoad {
  readonly users: number;
  readonly seconds: number;
  /** How long each user waits between an answer and the next request, in milliseconds. */
  readonly pauseMs: number;
}

/**
 * Restarts Deployments one after the other while users call, and expects that no call fails.
 *
 * @param deployments `<namespace>/<name>`
 * @param loads 100 users who pause for 4 s make 25 calls a second: what one node of two processors answers beside pods that start and stop
 */
export function updatesUnnoticed(system: ClusterSystem, deployments: readonly string[], loads: readonly UpdateLoad[]): void {
  const replaceAll = async () => {
    const all = performance.now();
    for (const deployment of deployments) {
      const begin = ((performance.now() - all) / 1000).toFixed(0);
      const [namespace = '', name = ''] = deployment.split('/');
      await kubectl(['rollout', 'restart', '-n', namespace, `deployment/${name}`]);
      await rolledOut(namespace, name);
      console.log(`  ${deployment} was replaced from second ${begin} to ${seconds(all)}`);
    }
  };

  it.each(loads)(
    `a rolling update of ${deployments.join(', ')} is not noticed by $users users who call for $seconds s: availability 100 %`,
    async (siege) => {
      const { path, body } = await system.work();
      const measured = await availability(siege, path, body, replaceAll);
      console.log(`  ${siege.users} users: ${figures(measured)}`);
      expect(measured.failed.map(failureText)).toEqual([]);
      expect(measured.requests).toBeGreaterThan(siege.users);
      await system.agrees();
    },
  );
}

/** A liveness probe at a port where nothing listens restarts the container again and again. */
export function restartsOnWrongLivenessPort({ name: namespace }: Pick<ClusterSystem, 'name'>, name: string): void {
  const probe = ['spec', 'template', 'spec', 'containers', '0', 'livenessProbe'];
  const patchProbe = async (value: unknown) => {
    const patch = JSON.stringify([{ op: 'replace', path: `/${probe.join('/')}`, value }]);
    await kubectl(['patch', 'deployment', name, '-n', namespace, '--type=json', '-p', patch]);
  };

  it(`a liveness probe of ${name} at port 8081, where nothing listens, restarts its container again and again`, async () => {
    interface Deployment {
      readonly spec: { readonly template: { readonly spec: { readonly containers: readonly { readonly livenessProbe: unknown }[] } } };
    }
    const shipped = await kubectlJson<Deployment>(['get', 'deployment', '-n', namespace, name]);
    const begin = performance.now();
    // The original's numbers, but that one failure is enough.
    await patchProbe({ tcpSocket: { port: 8081 }, initialDelaySeconds: 5, periodSeconds: 5, failureThreshold: 1 });
    try {
      const restarted = await eventually(
        'the container was restarted three times',
        async () => {
          const pods = (await podsOf(namespace, name)).filter(({ leaving }) => !leaving);
          expect(Math.max(...pods.map(({ restarts }) => restarts))).toBeGreaterThanOrEqual(3);
          return pods.map(({ restarts }) => restarts).join(', ');
        },
        ROLLOUT_MS,
      );
      console.log(`  restarts after ${seconds(begin)} s: ${restarted}`);
    } finally {
      await patchProbe(shipped.spec.template.spec.containers[0]?.livenessProbe);
      await rolledOut(namespace, name);
    }
  });
}

/** Without its ConfigMap a new pod does not start and says why, while the old one serves on. */
export function needsItsConfigMap({ name: namespace }: Pick<ClusterSystem, 'name'>, name: string): void {
  const config = `${namespace}-cm`;
  const restore = () => applyFromOverlay(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === config);
  afterAll(restore);

  it(`without ${config} a pod does not start and says which ConfigMap is missing; the old pod serves on; adding it heals`, async () => {
    const [before] = await podsOf(namespace, name);
    await kubectl(['delete', 'configmap', '-n', namespace, config]);
    await kubectl(['rollout', 'restart', '-n', namespace, `deployment/${name}`]);
    const told = await eventually(
      'the new pod says what it waits for',
      async () => {
        const pods: Pod[] = await podsOf(namespace, name);
        const waiting = pods.find(({ waiting: reason }) => reason === 'CreateContainerConfigError');
        expect(waiting?.message).toContain(config);
        expect(pods.find((pod) => pod.name === before?.name)).toMatchObject({ ready: true, leaving: false });
        return waiting?.message;
      },
      STARTED_MS,
    );
    console.log(`  ${told}`);
    const begin = performance.now();
    await restore();
    await rolledOut(namespace, name);
    console.log(`  ready ${seconds(begin)} s after it was added`);
  });
}
