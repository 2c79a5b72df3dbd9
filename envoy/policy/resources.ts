import type { z } from 'zod';
import { type DestinationRuleSpec, destinationRuleSpec } from './schema/destination-rule.ts';
import {
  type KubernetesServiceSpec,
  kubernetesServiceSpec,
  metadata,
  type ServiceEntrySpec,
  serviceEntrySpec,
  type WorkloadEntrySpec,
  workloadEntrySpec,
} from './schema/services.ts';
import { type VirtualServiceSpec, virtualServiceSpec } from './schema/virtual-service.ts';
import type { Finding, Path, Source } from './source.ts';
import { suggestion } from './suggest.ts';

/** An object of a policy file. `line` answers where a field of it stands. */
export interface Resource<Spec> {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** creationTimestamp, or empty: objects in files are mostly without one. */
  readonly created: string;
  readonly spec: Spec;
  readonly source: Source;
}

export type DestinationRule = Resource<DestinationRuleSpec>;
export type VirtualService = Resource<VirtualServiceSpec>;
export type ServiceEntry = Resource<ServiceEntrySpec>;
export type WorkloadEntry = Resource<WorkloadEntrySpec>;
export type KubernetesService = Resource<KubernetesServiceSpec>;

/** The objects of a set of files by kind, with what was found wrong (errors) or left aside (warnings). */
export interface Resources {
  readonly destinationRules: DestinationRule[];
  readonly virtualServices: VirtualService[];
  readonly serviceEntries: ServiceEntry[];
  readonly workloadEntries: WorkloadEntry[];
  readonly kubernetesServices: KubernetesService[];
  readonly errors: Finding[];
  readonly warnings: Finding[];
  /** Objects that only a cluster acts on, each with its kind as the message. */
  readonly clusterOnly: Finding[];
}

/** Istio's kinds about identities, encryption and traces: without certificates, and without Istio, there is nothing that they could act on. */
const CLUSTER_ONLY = new Set(['AuthorizationPolicy', 'PeerAuthentication', 'RequestAuthentication', 'Telemetry']);

/** Istio's kinds that shape traffic and that this generator does not turn into configuration. */
const NOT_GENERATED = new Set(['EnvoyFilter', 'Gateway', 'ProxyConfig', 'Sidecar', 'TrafficExtension', 'WasmPlugin', 'WorkloadGroup']);
const NETWORKING_KINDS = ['DestinationRule', 'ServiceEntry', 'VirtualService', 'WorkloadEntry'];

/** Finds the place of a field of an object: the path starts at the object's top. */
export function placeOf(resource: { readonly source: Source }, path: Path): { file: string; line: number } {
  return { file: resource.source.file, line: resource.source.line(path) };
}

/** Sorts documents by kind and checks each against the schema of its kind. Kubernetes kinds that have no say in routing are passed over. */
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
  const kind = field(source.value, 'kind');
  const [group = '', version = ''] = splitVersion(field(source.value, 'apiVersion'));
  if (kind === undefined || field(source.value, 'apiVersion') === undefined) {
    found.errors.push({ file: source.file, line: source.line([]), message: 'an object needs apiVersion and kind' });
    return;
  }
  if (group === '' && kind === 'Service') {
    push(found.kubernetesServices, parse(source, kind, kubernetesServiceSpec, found));
    return;
  }
  if (!group.endsWith('istio.io')) return;
  if (CLUSTER_ONLY.has(kind)) {
    found.clusterOnly.push({ file: source.file, line: source.line(['kind']), message: kind });
    return;
  }
  if (NOT_GENERATED.has(kind)) {
    found.warnings.push({
      file: source.file,
      line: source.line(['kind']),
      message: `${kind} is understood by Istio, but has no effect here`,
    });
    return;
  }
  if (group !== 'networking.istio.io' || !NETWORKING_KINDS.includes(kind)) {
    const message = `Istio has no kind ${kind} in ${group}${suggestion(kind, [...NETWORKING_KINDS, ...NOT_GENERATED, ...CLUSTER_ONLY])}`;
    found.errors.push({ file: source.file, line: source.line(['kind']), message });
    return;
  }
  if (!['v1', 'v1beta1', 'v1alpha3'].includes(version)) {
    const message = `${group} has no version "${version}"; its versions are v1, v1beta1 and v1alpha3`;
    found.errors.push({ file: source.file, line: source.line(['apiVersion']), message });
    return;
  }
  if (kind === 'DestinationRule') push(found.destinationRules, parse(source, kind, destinationRuleSpec, found));
  if (kind === 'VirtualService') push(found.virtualServices, parse(source, kind, virtualServiceSpec, found));
  if (kind === 'ServiceEntry') push(found.serviceEntries, parse(source, kind, serviceEntrySpec, found));
  if (kind === 'WorkloadEntry') push(found.workloadEntries, parse(source, kind, workloadEntrySpec, found));
}

function push<T>(list: T[], item: T | undefined): void {
  if (item !== undefined) list.push(item);
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

function parse<S extends z.ZodType>(source: Source, kind: string, spec: S, found: Resources): Resource<z.output<S>> | undefined {
  const value: object = typeof source.value === 'object' && source.value !== null ? source.value : {};
  const entries = new Map<string, unknown>(Object.entries(value));
  const head = metadata.safeParse(entries.get('metadata') ?? {});
  const body = spec.safeParse(entries.get('spec') ?? {});
  const issues = [
    ...(head.error?.issues ?? []).map((issue) => ({ ...issue, path: ['metadata', ...issue.path] })),
    ...(body.error?.issues ?? []).map((issue) => ({ ...issue, path: ['spec', ...issue.path] })),
  ];
  for (const key of entries.keys()) {
    if (!['apiVersion', 'kind', 'metadata', 'spec', 'status'].includes(key)) {
      const message = `unknown field "${key}"${suggestion(key, ['metadata', 'spec'])}`;
      found.errors.push({ file: source.file, line: source.line([key]), message });
    }
  }
  for (const issue of issues) found.errors.push(...describe(issue, source, spec));
  if (!head.success || !body.success) return undefined;
  return {
    kind,
    name: head.data.name,
    namespace: head.data.namespace ?? 'default',
    labels: head.data.labels ?? {},
    annotations: head.data.annotations ?? {},
    created: head.data.creationTimestamp ?? '',
    spec: body.data,
    source,
  };
}

/** A defect that the schema found, as findings: an unknown field is one finding each, at its own line. */
function describe(issue: z.core.$ZodIssue, source: Source, spec: z.ZodType): Finding[] {
  const path = issue.path.filter((step) => typeof step !== 'symbol');
  const at = (steps: Path, message: string): Finding => ({ file: source.file, line: source.line(steps), message });
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const steps = [...path, key];
      return at(steps, `unknown field "${dotted(steps)}"${suggestion(key, fieldsAt(spec, path.slice(1)))}`);
    });
  }
  return [at(path, `${dotted(path)}: ${issue.message}`)];
}

function dotted(path: Path): string {
  return path.map((step, i) => (typeof step === 'number' ? `[${step}]` : i === 0 ? step : `.${step}`)).join('');
}

/** The names of the fields that a schema has at a path. */
function fieldsAt(spec: unknown, path: Path): string[] {
  let node = unwrap(spec);
  for (const step of path) {
    if (typeof step === 'number') node = unwrap(node?.element);
    else node = unwrap(node?.shape?.[step] ?? node?.valueType);
  }
  return Object.keys(node?.shape ?? {});
}

interface SchemaNode {
  readonly shape?: Record<string, unknown>;
  readonly element?: unknown;
  readonly valueType?: unknown;
  readonly unwrap?: () => unknown;
}

function unwrap(node: unknown): SchemaNode | undefined {
  // zod's schema classes offer these members for inspection, but their common base type does not declare them.
  let schemaNode = node as SchemaNode | undefined;
  while (schemaNode && typeof schemaNode.unwrap === 'function' && !('element' in schemaNode))
    schemaNode = schemaNode.unwrap() as SchemaNode;
  return schemaNode;
}
