import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { setFaultsAt } from '../../../dev/laptop/faults.ts';
import type { ProcessStatus } from '../../../dev/laptop/process-spec.ts';
import { root } from '../../../dev/paths.mjs';
import { replicaNumber } from '../../../dev/systems/identity.ts';
import { platformServices, services } from '../../../dev/systems/services.ts';
import type { Stores } from '../../../dev/systems/stores.ts';
import { chosenSystem } from '../../cluster/support/choice.ts';
import { kubectl } from '../../cluster/support/command.ts';
import { forwarded } from '../../cluster/support/forward.ts';
import { signalFromNode } from '../../cluster/support/node.ts';
import { type Pod, podsOf } from '../../cluster/support/pods.ts';
import { eventually } from '../eventually.ts';
import { changed } from './change.ts';
import type { Tested } from './tested.ts';

const GRPC = 50051;
const POSTGRES = 5432;
const MONGO = 27017;
/** A Deployment changes its pods within this; a pod that stops takes its preStop and its calls' time. */
const ROLLOUT_MS = 120_000;

/** Services of the system that the overlay runs. */
const deployed = services.filter(({ system }) => system === chosenSystem);
const platform = platformServices.filter(({ isLocal }) => !isLocal);

/** Whose sidecars have to follow a policy before a test goes on: who calls the services. */
const CALLERS = [
  ...deployed.filter(({ calls = [] }) => calls.length > 0).map(({ system, name }) => ({ namespace: system, app: name })),
  { namespace: 'edge', app: 'edge' },
];

/** Policy files that were changed. */
const changedFiles = new Set<string>();

/** The system as `kubectl` reaches it. */
export const kubernetes: Tested = {
  name: 'Kubernetes',
  control: {
    status: async () => ({
      instance: 0,
      pid: 0,
      edge: process.env.RENTMESH_TESTED_EDGE ?? '',
      ready: true,
      warnings: [],
      systems: [chosenSystem],
      policy: undefined,
      processes: (await Promise.all(applications.map(replicas))).flat().map(({ name, pod }) => processStatus(name, pod)),
    }),
    scale: async (service, count) => {
      const { namespace, name } = application(service);
      await kubectl(['scale', '-n', namespace, `deployment/${name}`, `--replicas=${count}`]);
      await kubectl(['rollout', 'status', '-n', namespace, `deployment/${name}`, `--timeout=${ROLLOUT_MS / 1000}s`], {
        limitMs: ROLLOUT_MS + 5000,
      });
      const look = async () => {
        const pods = await podsOf(namespace, name);
        expect(pods.map(({ ready, leaving }) => ready && !leaving)).toEqual(Array(count).fill(true));
        const known = await endpointsOf(name);
        expect(known).toEqual(pods.map(({ ip }) => ip).toSorted());
      };
      await eventually(`${service} has ${count} replicas, and its callers call those`, look, ROLLOUT_MS);
    },
    kill: async (name, signal = 'SIGKILL') => signalFromNode(await podOf(name), signal),
    start: async (name) => await kubernetes.control.scale(serviceOf(name), 1),
    stop: async (name) => await kubernetes.control.scale(serviceOf(name), 0),
  },
  addressOf: async (replica) => (await podOf(replica)).ip,
  admin: async (replica, path) => await admin(await podOf(replica), path),
  setFaults: async (name, faults) => {
    const pods = /-\d+$/.test(name) ? [await podOf(name)] : (await replicas(application(name))).map(({ pod }) => pod);
    await Promise.all(
      pods.map(
        async (pod) =>
          await forwarded(pod.namespace, `pod/${pod.name}`, GRPC, async (port) => await setFaultsAt(`127.0.0.1:${port}`, faults)),
      ),
    );
  },
  withStores: async (work) =>
    await forwarded('postgres', 'pod/postgres-0', POSTGRES, async (postgres) => {
      return await forwarded('mongo', 'pod/mongo-0', MONGO, async (mongo) => await work(storesAt(postgres, mongo)));
    }),
  changePolicy: async (file, changes) => {
    changedFiles.add(file);
    await apply(changed(file, shipped(file), changes));
  },
  restorePolicies: async () => {
    for (const file of changedFiles) {
      await apply(shipped(file));
      changedFiles.delete(file);
    }
  },
};

interface Application {
  readonly namespace: string;
  readonly name: string;
}

const applications: readonly Application[] = [...deployed, ...platform].map(({ system, name }) => ({ namespace: system, name }));

function application(service: string): Application {
  const found = applications.find(({ namespace, name }) => name === service || `${namespace}/${name}` === service);
  if (found === undefined) throw new RangeError(`there is no service ${service}`);
  return found;
}

function serviceOf(replica: string): string {
  return replica.replace(/-\d+$/, '');
}

async function replicas({ namespace, name }: Application): Promise<{ name: string; pod: Pod }[]> {
  const pods = (await podsOf(namespace, name)).filter(({ leaving }) => !leaving);
  return pods.map((pod, index) => ({ name: `${namespace}/${name}-${index + 1}`, pod }));
}

async function podOf(replica: string): Promise<Pod> {
  const found = await replicas(application(serviceOf(replica)));
  const { pod } = found.find(({ name }) => replicaNumber(name) === replicaNumber(replica)) ?? {};
  if (pod === undefined) throw new RangeError(`there is no ${replica}; there are ${found.map(({ name }) => name).join(', ')}`);
  return pod;
}

function processStatus(name: string, { name: pod, ip, ready, restarts, containerId }: Pod): ProcessStatus {
  return {
    name,
    title: pod,
    address: `${ip}:${GRPC}`,
    state: ready ? 'ready' : 'starting',
    // What tells one run of a process from the next.
    pid: Number.parseInt(createHash('sha256').update(containerId).digest('hex').slice(0, 8), 16),
    restarts,
    uptime: undefined,
    lastExit: undefined,
    log: '',
  };
}

async function admin({ namespace, name }: Pod, path: string): Promise<string> {
  return await kubectl([
    'exec',
    '-n',
    namespace,
    name,
    '-c',
    'istio-proxy',
    '--',
    'pilot-agent',
    'request',
    'GET',
    path.replace(/^\//, ''),
  ]);
}

/** The addresses of a service's replicas, as the sidecar of whoever calls it has them. */
async function endpointsOf(service: string): Promise<string[]> {
  const [caller] = await podsOf('edge', 'edge');
  if (caller === undefined) throw new Error('there is no edge');
  // The form of Envoy's own JSON.
  const { cluster_statuses: clusters } = JSON.parse(await admin(caller, '/clusters?format=json')) as {
    cluster_statuses: { name: string; host_statuses?: { address: { socket_address: { address: string } } }[] }[];
  };
  const { namespace } = application(service);
  const cluster = clusters.find(({ name }) => name === `outbound|${GRPC}||${service}.${namespace}.svc.cluster.local`);
  return (cluster?.host_statuses ?? []).map(({ address }) => address.socket_address.address).toSorted();
}

/** Databases at forwarded ports, by the names and passwords of mesh/components/postgres. */
function storesAt(postgres: number, mongo: number): Stores {
  return {
    postgresUri: (database) => `postgres://${database}:${database}@127.0.0.1:${postgres}/${database}`,
    mongoUri: (database) => `mongodb://127.0.0.1:${mongo}/${database}?directConnection=true`,
  };
}

/** A policy file as it is shipped. */
function shipped(file: string): string {
  return readFileSync(join(root, 'mesh', file), 'utf8');
}

/** Applies policies, and waits until the sidecars of the callers have other clusters or routes than before. */
async function apply(text: string): Promise<void> {
  const before = await configurations();
  const printed = await kubectl(['apply', '-f', '-'], { input: text });
  if (!/(destinationrule|virtualservice)\S* (configured|created)/.test(printed)) return;
  await eventually('the callers have the policies', async () => {
    const now = await configurations();
    for (const [pod, digest] of before) expect(now.get(pod), `the configuration of ${pod}`).not.toBe(digest);
  });
}

/** A digest of the clusters and routes of each caller's sidecar. */
async function configurations(): Promise<Map<string, string>> {
  const pods = (await Promise.all(CALLERS.map(({ namespace, app }) => podsOf(namespace, app)))).flat().filter(({ leaving }) => !leaving);
  const entries = pods.map(async (pod): Promise<[string, string]> => {
    const dumps = ['dynamic_active_clusters', 'dynamic_route_configs'].map((resource) => admin(pod, `/config_dump?resource=${resource}`));
    const text = (await Promise.all(dumps)).join('').replaceAll(/"(?:last_updated|version_info)":\s*"[^"]*"/g, '');
    return [pod.name, createHash('sha256').update(text).digest('hex')];
  });
  return new Map(await Promise.all(entries));
}
