import type { SystemStatus } from '../laptop/control.ts';
import { adminSocketOf, type Topology } from '../laptop/topology.ts';
import { replicaOfSidecar } from '../systems/identity.ts';
import type { Sidecar } from './stats.ts';

/** The sidecars of a running system, replicas that were added later among them, and the edge. */
export function sidecarsOf(topology: Topology, { processes }: SystemStatus): Sidecar[] {
  const sidecarAt = (name: string, host: string): Sidecar => ({ name, host, admin: adminSocketOf(topology, { address: host }) });
  return processes.flatMap(({ name, address }) => {
    if (name === 'edge') return [sidecarAt(name, topology.edge.address)];
    const pod = replicaOfSidecar(name);
    return pod === undefined ? [] : [sidecarAt(pod, address.replace(/:\d+$/, ''))];
  });
}
