import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { type DestinationRule, readResources, type VirtualService, type WorkloadEntry } from './resources.ts';
import type { Service } from './services.ts';
import { servicesOf } from './services.ts';
import { type Finding, PolicyError, readDocuments, type Source } from './source.ts';
import { validate } from './validate/validate.ts';

/** The content of policy files: services, and rules for calls to them. */
export interface Mesh {
  readonly services: readonly Service[];
  readonly destinationRules: readonly DestinationRule[];
  readonly virtualServices: readonly VirtualService[];
  readonly workloadEntries: readonly WorkloadEntry[];
  /**
   * Domain of short hosts: `car` in namespace rentcar is car.rentcar.svc.<domain>. Empty if the mesh has no Kubernetes Service:
   * Istio then completes the host to car.rentcar, as for every source of configuration except a Kubernetes API server.
   */
  readonly domain: string;
  /** Probable mistakes, and policy that has no effect here. */
  readonly warnings: readonly Finding[];
  /** Objects that only a cluster acts on. The message is the kind. */
  readonly clusterOnly: readonly Finding[];
}

/**
 * Reads every YAML file below the folders (and the files named themselves): core/v1 Services and Istio's resources.
 * @throws PolicyError with every defect that was found
 */
export function loadMesh(folders: readonly string[]): Mesh {
  return readMesh(folders.flatMap(yamlFiles).map((file) => ({ file, text: readFileSync(file, 'utf8') })));
}

/**
 * As loadMesh, from texts.
 *
 * @param options.encrypts whether Istio's own sidecars apply the policies. Otherwise a DestinationRule with TLS is a defect, because calls
 *   would leave in plaintext
 */
export function readMesh(files: readonly { file: string; text: string }[], { encrypts = false } = {}): Mesh {
  const sources: Source[] = [];
  const errors: Finding[] = [];
  for (const { file, text } of files) {
    const read = readDocuments(file, text);
    sources.push(...read.sources);
    errors.push(...read.findings);
  }
  const resources = readResources(sources);
  const domain = resources.kubernetesServices.length > 0 ? 'cluster.local' : '';
  const services = servicesOf(resources);
  const checked = validate(resources, services, domain);
  errors.push(...resources.errors, ...checked.errors, ...(encrypts ? [] : checked.plaintext));
  if (errors.length > 0) throw new PolicyError(errors);
  return {
    services,
    destinationRules: resources.destinationRules,
    virtualServices: resources.virtualServices,
    workloadEntries: resources.workloadEntries,
    domain,
    warnings: [...resources.warnings, ...checked.warnings],
    clusterOnly: resources.clusterOnly,
  };
}

/** Folders that only a cluster reads: workloads, and parts of Kustomize, whose files need not be objects. */
const CLUSTER_FOLDERS = new Set(['components', 'overlays', 'workloads']);

/** Returns the YAML files below a folder in reading order, without the folders of a cluster. Returns a file as it is. */
export function yamlFiles(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return (
    readdirSync(path, { recursive: true, withFileTypes: true })
      // kustomization.yaml is kubectl's own and may be without apiVersion and kind.
      .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name) && !/^(?:\.|kustomization\.)/.test(entry.name))
      .filter(
        (entry) =>
          !relative(path, entry.parentPath)
            .split(sep)
            .some((folder) => CLUSTER_FOLDERS.has(folder)),
      )
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
  );
}
