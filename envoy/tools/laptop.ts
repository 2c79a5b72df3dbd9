import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { root } from '../../dev/paths.mjs';
import { topologyFromEnvironment } from '../../dev/topology.ts';
import { readMesh } from '../policy/mesh.ts';
import type { Workload } from '../sidecar/clusters.ts';
import type { Method } from './contracts.ts';
import { deploymentsOf } from './deployments.ts';
import { readSources } from './sources.ts';
import { type World, worldOf } from './world.ts';

/** The contracts of all services, as buf has put them together. */
export function readImage(): Uint8Array {
  return readFileSync(join(root, 'gen', 'image.binpb'));
}

/** The folder of the policies that the instance follows. */
export function meshFolder(): string {
  return relative(process.cwd(), topologyFromEnvironment().mesh) || '.';
}

/** The pods of the instance, and the edge. */
export function laptopWorkloads(): Workload[] {
  const { pods, edge } = topologyFromEnvironment();
  return [...pods.map(({ workload }) => workload), edge];
}

/** Policies, contracts and pods of the instance that commands are about. @throws PolicyError */
export function laptopWorld(methods: readonly Method[], folders: readonly string[] = [meshFolder()]): World {
  const files = readSources(folders);
  return worldOf({ mesh: readMesh(files), methods, workloads: laptopWorkloads(), deployments: deploymentsOf(files) });
}
