import type { SystemStatus } from '../laptop/control.ts';
import type { Topology } from '../laptop/topology.ts';
import { replicaOfSidecar } from '../systems/identity.ts';
import type { Sidecar } from './stats.ts';

/** The sidecars of a running system, replicas that were added later among them, and the edge. */
export function sidecarsOf({ edge }: Topology, { processes }: SystemStatus): Sidecar[] {
  return processes.flatMap(({ name, address }) => {
    if (name === 'edge') return [{ name, host: edge.address }];
    const pod = replicaOfSidecar(name);
    return pod === undefined ? [] : [{ name: pod, host: address.replace(/:\d+$/, '') }];
  });
}
