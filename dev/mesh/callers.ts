import type { Mesh } from '../../envoy/policy/mesh.ts';
import { type Caller, type Scope, scopeOf } from '../../envoy/policy/scope.ts';
import { isBehind, type Labelled } from '../../envoy/policy/services.ts';
import type { Workload } from '../../envoy/sidecar/clusters.ts';
import { identityOf } from '../systems/identity.ts';

/** A workload that calls others, with what it sees of the mesh. */
export interface NamedCaller extends Labelled {
  /** `rentcar/reservation`, or `edge`. */
  readonly name: string;
  readonly scope: Scope;
}

/** Returns one caller for each app of the pods, and one for each service that has no pod here. */
export function callersOf(mesh: Mesh, workloads: readonly Workload[]): NamedCaller[] {
  const callers = new Map<string, NamedCaller>();
  const add = (name: string, caller: Caller): void => {
    const key = name === 'edge' ? name : identityOf({ system: caller.namespace, name });
    if (!callers.has(key))
      callers.set(key, { name: key, namespace: caller.namespace, labels: caller.labels, scope: scopeOf(mesh, caller) });
  };
  for (const workload of workloads) add(workload.labels.app ?? workload.name, workload);
  for (const service of mesh.services) {
    const { selector = {}, namespace } = service;
    const known = [...callers.values()].some((caller) => isBehind(service, caller));
    if (Object.keys(selector).length > 0 && !known) add(service.name, { namespace, labels: selector });
  }
  return [...callers.values()];
}
