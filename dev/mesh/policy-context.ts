import type { Mesh } from '../../envoy/policy/mesh.ts';
import { isBehind, isHttp, type Labelled, type Service, selects } from '../../envoy/policy/services.ts';
import type { Workload } from '../../envoy/sidecar/clusters.ts';
import { identityOf } from '../systems/identity.ts';
import { callersOf, type NamedCaller } from './callers.ts';
import { type DeclaredCall, declaredCalls } from './calls.ts';
import type { Method } from './contracts.ts';
import type { Deployment } from './deployments.ts';

/** Policies together with what is known of the programs that they are for. */
export interface PolicyContext {
  readonly mesh: Mesh;
  readonly methods: readonly Method[];
  /** One for each kind of workload: replicas see the same. */
  readonly callers: readonly NamedCaller[];
  /** Who calls whom to answer a call: from outside through the edge, and what services declare. */
  readonly calls: readonly DeclaredCall[];
  /** How many replicas a service has, and where it is said; undefined if nobody knows. */
  replicas(service: Service, labels?: Readonly<Record<string, string>>): Replicas | undefined;
}

/** How many replicas there are. */
export interface Replicas {
  readonly count: number;
  /** `on this laptop`, or where a Deployment says it. */
  readonly source: string;
}

/** The parts of a policy context. */
export interface PolicyContextOptions {
  readonly mesh: Mesh;
  readonly methods: readonly Method[];
  /** The pods that are known, the edge among them. */
  readonly workloads: readonly Workload[];
  /** How many replicas a cluster would start; they come before the pods. */
  readonly deployments?: readonly Deployment[];
}

/** Puts together what lint and explain reason about. */
export function policyContextOf({ mesh, methods, workloads, deployments = [] }: PolicyContextOptions): PolicyContext {
  const callers = callersOf(mesh, workloads);
  return {
    mesh,
    methods,
    callers,
    calls: declaredCalls(mesh, methods, callers),
    replicas(service, labels = {}) {
      const within = (instance: Labelled) => isBehind(service, instance) && selects(labels, instance.labels);
      const deployed = deployments.filter(within);
      if (deployed.length > 0) {
        const [{ file, line }] = [deployed[0] ?? { file: '', line: 0 }];
        return { count: deployed.reduce((sum, { replicas }) => sum + replicas, 0), source: `by the Deployment at ${file}:${line}` };
      }
      const count = workloads.filter(within).length;
      return count > 0 ? { count, source: 'on this laptop' } : undefined;
    },
  };
}

/** Returns the identity of a service: `rentcar/car`. */
export function serviceIdentity({ namespace, name }: Service): string {
  return identityOf({ system: namespace, name });
}

/** The methods that a service answers. */
export function methodsAt(context: PolicyContext, service: Service): Method[] {
  return context.methods.filter(({ host }) => host === service.host.toLowerCase());
}

/** The port of a service that calls by HTTP or gRPC go to; undefined if there is none. */
export function httpPort(service: Service): number | undefined {
  return service.ports.find(isHttp)?.number;
}
