import { join } from 'node:path';
import { root } from '../paths.mjs';
import { services } from '../systems/services.ts';
import { type KubernetesObject, kustomize } from './kustomize.ts';

/** The overlays of all systems. */
export const overlays = {
  laptop: kustomize(join(root, 'mesh/overlays/laptop/all')),
  production: kustomize(join(root, 'mesh/overlays/production/all')),
};
/** The overlays with their names. */
export const both = Object.entries(overlays);

/** The services that run on a cluster. */
export const deployed = services.filter(({ isLocal }) => !isLocal);

/** A container, as far as tests read it. */
export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly [field: string]: unknown;
}

/** The pods of a Deployment or StatefulSet, as far as tests read them. */
export interface PodSpec {
  readonly serviceAccountName: string;
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext?: unknown;
  readonly initContainers?: readonly Container[];
  readonly containers: readonly Container[];
}

/** A Deployment or StatefulSet. */
export interface Workload extends KubernetesObject {
  readonly spec: {
    readonly template: { readonly metadata: { readonly labels: Readonly<Record<string, string>> }; readonly spec: PodSpec };
  };
}

/** Returns the objects of a kind. */
export const ofKind = (objects: readonly KubernetesObject[], kind: string) => objects.filter((each) => each.kind === kind);

function workloads(objects: readonly KubernetesObject[]): Workload[] {
  // The type check of the overlays ensures their shape.
  return [...ofKind(objects, 'Deployment'), ...ofKind(objects, 'StatefulSet')] as Workload[];
}

/** Returns all workloads but the ingress gateway, whose container Istio fills in. */
export const ours = (objects: readonly KubernetesObject[]) => workloads(objects).filter(({ metadata }) => metadata.name !== 'ingress');

/** Finds an object. @param namespace any if undefined */
export function find(objects: readonly KubernetesObject[], kind: string, name: string, namespace?: string): KubernetesObject | undefined {
  return ofKind(objects, kind).find(
    ({ metadata }) => metadata.name === name && (namespace === undefined || metadata.namespace === namespace),
  );
}
