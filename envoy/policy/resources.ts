import type { z } from 'zod';
import { findKind, GENERATED, type Kind, noEffect } from './kinds.ts';
import { parse, type Resource } from './parse.ts';
import type { DestinationRuleSpec } from './schema/destination-rule.ts';
import type { KubernetesServiceSpec, ServiceEntrySpec, WorkloadEntrySpec } from './schema/services.ts';
import type { VirtualServiceSpec } from './schema/virtual-service.ts';
import type { Finding, Path, Source } from './source.ts';

export type { Resource };
export type DestinationRule = Resource<DestinationRuleSpec>;
export type VirtualService = Resource<VirtualServiceSpec>;
export type ServiceEntry = Resource<ServiceEntrySpec>;
export type WorkloadEntry = Resource<WorkloadEntrySpec>;
export type KubernetesService = Resource<KubernetesServiceSpec>;

/** The objects of a set of files by kind, with errors and warnings. */
export interface Resources {
  readonly destinationRules: DestinationRule[];
  readonly virtualServices: VirtualService[];
  readonly serviceEntries: ServiceEntry[];
  readonly workloadEntries: WorkloadEntry[];
  readonly kubernetesServices: KubernetesService[];
  readonly errors: Finding[];
  readonly warnings: Finding[];
  /** Objects that only a cluster acts on. The message is the kind. */
  readonly clusterOnly: Finding[];
}

/** A line of a file. */
type Place = Pick<Finding, 'file' | 'line'>;

/** Finds the place of a field of an object: the path starts at the object's top. */
export function placeOf(resource: { readonly source: Source }, path: Path): Place {
  return { file: resource.source.file, line: resource.source.line(path) };
}

/** Sorts documents by kind, and checks each against the schema of its kind. */
export function readResources(sources: readonly Source[]): Resources {
  const found: Resources = {
    destinationRules: [],
    virtualServices: [],
    serviceEntries: [],
    workloadEntries: [],
    kubernetesServices: [],
    errors: [],
    warnings: [],
    clusterOnly: [],
  };
  for (const source of sources) readResource(source, found);
  return found;
}

function readResource(source: Source, found: Resources): void {
  const at = (field: string): Place => ({ file: source.file, line: source.line([field]) });
  const [kindName, apiVersion] = [field(source.value, 'kind'), field(source.value, 'apiVersion')];
  if (kindName === undefined || apiVersion === undefined) {
    found.errors.push({ ...at(''), message: 'an object needs apiVersion and kind' });
    return;
  }
  const [group, version] = splitVersion(apiVersion);
  const lookup = findKind(group, kindName);
  if (lookup === undefined) {
    found.clusterOnly.push({ ...at('kind'), message: kindName });
    return;
  }
  if ('error' in lookup) {
    found.errors.push({ ...at('kind'), message: lookup.error });
    return;
  }
  const { kind } = lookup;
  if (!kind.versions.includes(version)) {
    const message = `${kind.kind} has no version "${version}" in ${group || 'v1'}; write ${kind.versions.join(' or ')}`;
    found.errors.push({ ...at('apiVersion'), message });
    return;
  }
  if (kind.support === 'refused')
    found.errors.push({ ...at('kind'), message: `${kind.kind} of ${group || apiVersion} is refused here: ${lowerFirst(kind.effect)}` });
  else if (kind.support === 'cluster only') readClusterOnly(source, kind, found);
  else readGenerated(source, kind, found);
}

/** Checks an object that only a cluster acts on. */
function readClusterOnly(source: Source, kind: Kind, found: Resources): void {
  if (kind.spec) parse(source, kind.kind, kind.spec(), found.errors);
  const place = { file: source.file, line: source.line(['kind']) };
  if (kind.warns) found.warnings.push({ ...place, message: noEffect(kind.kind, lowerFirst(kind.effect)) });
  else found.clusterOnly.push({ ...place, message: kind.kind });
}

function readGenerated(source: Source, kind: Kind, found: Resources): void {
  const { service, destinationRule, virtualService, serviceEntry, workloadEntry } = GENERATED;
  const read = <S extends z.ZodType>(known: { readonly kind: string; readonly spec: () => S }, list: Resource<z.output<S>>[]): void => {
    const resource = kind.kind === known.kind ? parse(source, kind.kind, known.spec(), found.errors) : undefined;
    if (resource) list.push(resource);
  };
  read(service, found.kubernetesServices);
  read(destinationRule, found.destinationRules);
  read(virtualService, found.virtualServices);
  read(serviceEntry, found.serviceEntries);
  read(workloadEntry, found.workloadEntries);
}

function lowerFirst(sentence: string): string {
  return `${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`;
}

function field(value: unknown, name: string): string | undefined {
  if (value === null || typeof value !== 'object') return undefined;
  const found: unknown = Object.entries(value).find(([key]) => key === name)?.[1];
  return typeof found === 'string' ? found : undefined;
}

function splitVersion(apiVersion = ''): [string, string] {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? ['', apiVersion] : [apiVersion.slice(0, slash), apiVersion.slice(slash + 1)];
}
