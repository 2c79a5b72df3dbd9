import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { type DestinationRule, readResources, type VirtualService, type WorkloadEntry } from './resources.ts';
import type { Service } from './services.ts';
import { servicesOf } from './services.ts';
import { type Finding, PolicyError, readDocuments, type Source } from './source.ts';
import { validate } from './validate/validate.ts';

/** Everything that policy files say: the services that there are and the rules for calls to them. */
export interface Mesh {
  readonly services: readonly Service[];
  readonly destinationRules: readonly DestinationRule[];
  readonly virtualServices: readonly VirtualService[];
  readonly workloadEntries: readonly WorkloadEntry[];
  /**
   * What completes a short host: `car` in namespace rentcar is car.rentcar.svc.<domain>. Empty where the mesh has no Kubernetes service;
   * Istio then makes it car.rentcar, as it does for every source of configuration that is not a Kubernetes API server.
   */
  readonly domain: string;
  /** What is allowed and yet probably not meant, or understood by Istio and not generated here. */
  readonly warnings: readonly Finding[];
  /** What Istio acts on and a machine without it cannot, such as who may call whom: the kind is the message. */
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

/** Folders of what only a cluster reads: its workloads, and Kustomize's parts, whose files may be no objects of their own. */
const CLUSTER_FOLDERS = new Set(['components', 'overlays', 'workloads']);

/** The paths of the YAML files below a folder, in the order in which they are read, without what is a cluster's own; of a file, itself. */
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
