import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readMesh } from '../../envoy/policy/mesh.ts';
import type { Workload } from '../../envoy/sidecar/clusters.ts';
import { controlClient, NotRunning } from '../laptop/control.ts';
import { podOf, topologyFromEnvironment } from '../laptop/topology.ts';
import { root } from '../paths.mjs';
import { identityOf, replicaNumber, serviceOfReplica } from '../systems/identity.ts';
import { services } from '../systems/services.ts';
import type { Method } from './contracts.ts';
import { deploymentsOf } from './deployments.ts';
import { type PolicyContext, policyContextOf } from './policy-context.ts';
import { readSources, shortName } from './sources.ts';

/** The contracts of all services, as buf has put them together. */
export function readImage(): Uint8Array {
  return readFileSync(join(root, 'gen', 'image.binpb'));
}

/** The folder of the policies that the instance follows. */
export function meshFolder(): string {
  return shortName(topologyFromEnvironment().mesh);
}

/** The pods that the instance has from the start, and the edge. */
export function laptopWorkloads(): Workload[] {
  const { pods, edge } = topologyFromEnvironment();
  return [...pods.map(({ workload }) => workload), edge];
}

/** The pods that the instance has now, if it is running: replicas can be added and taken away. */
export async function runningWorkloads(): Promise<Workload[]> {
  const { state, instance, edge } = topologyFromEnvironment();
  try {
    const { processes } = await controlClient(state.socket).status();
    const pods = processes.flatMap(({ name }) => {
      const definition = services.find((each) => identityOf(each) === serviceOfReplica(name));
      return definition ? [podOf(instance, definition, replicaNumber(name) ?? 1).workload] : [];
    });
    return [...pods, edge];
  } catch (error) {
    if (error instanceof NotRunning) return laptopWorkloads();
    throw error;
  }
}

/** Policies, contracts and pods of the instance that commands are about. @throws PolicyError */
export function laptopContext(
  methods: readonly Method[],
  folders: readonly string[] = [meshFolder()],
  workloads: readonly Workload[] = laptopWorkloads(),
): PolicyContext {
  const files = readSources(folders);
  return policyContextOf({ mesh: readMesh(files), methods, workloads, deployments: deploymentsOf(files) });
}
