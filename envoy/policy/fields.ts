import { noEffect } from './kinds.ts';
import type { Path } from './source.ts';

/** A field of a generated kind that a cluster acts on and the generator does not. */
export interface ClusterOnlyField {
  readonly kind: string;
  /**
   * Names from spec downward, without positions in lists. `trafficPolicy` stands for that of the rule, of subsets, and of
   * ports.
   */
  readonly field: string;
  /** The values that only a cluster acts on, in words. Without it, all. */
  readonly values?: string;
  /** Whether a written value is one of those. Without it, every value is. */
  readonly applies?: (value: unknown) => boolean;
  readonly reason: string;
  /** Whether the field is an error, since calls would be less safe than on a cluster. Otherwise it is a warning. */
  readonly isRefused?: boolean;
}

const NO_ZONES = 'replicas have no region or zone';
const NOT_WEIGHED = 'all endpoints are called alike';
const NO_REDIRECTION = 'calls are not redirected, so they have no original destination, and fail';

const endpointFields = ['weight', 'locality', 'network'].map((field) => ({ field, reason: NOT_WEIGHED }));
const endpoint = [...endpointFields, { field: 'serviceAccount', reason: 'sidecars have no certificates, so callees have no identity' }];

/** Fields of generated kinds that are without effect. */
export const CLUSTER_ONLY_FIELDS: readonly ClusterOnlyField[] = [
  ...[
    { field: 'type', ...only('ExternalName'), reason: 'write a ServiceEntry with resolution DNS' },
    { field: 'clusterIP', ...only('None'), reason: 'calls are balanced as for any Service, and no pod has a name' },
    {
      field: 'ports.targetPort',
      values: 'by name',
      applies: (value: unknown) => typeof value === 'string',
      reason: 'the port of the Service is taken',
    },
  ].map((each) => ({ kind: 'Service', ...each })),
  ...[
    {
      field: 'trafficPolicy.tls.mode',
      values: 'other than DISABLE',
      applies: (value: unknown) => value !== 'DISABLE',
      reason: 'these sidecars do not encrypt, and would send in plaintext',
      isRefused: true,
    },
    { field: 'trafficPolicy.tunnel', reason: 'calls go straight to the service' },
    { field: 'trafficPolicy.proxyProtocol', reason: 'connections carry no PROXY header' },
    { field: 'trafficPolicy.loadBalancer.simple', ...only('PASSTHROUGH'), reason: NO_REDIRECTION },
    { field: 'trafficPolicy.loadBalancer.localityLbSetting', reason: NO_ZONES },
    { field: 'trafficPolicy.loadBalancer.zoneAwareLbSetting', reason: NO_ZONES },
  ].map((each) => ({ kind: 'DestinationRule', ...each })),
  ...[
    { field: 'tls', reason: 'only HTTP is routed' },
    { field: 'tcp', reason: 'only HTTP is routed' },
    {
      field: 'gateways',
      values: 'other than mesh',
      applies: (value: unknown) => typeof value === 'string' && value !== 'mesh',
      reason: 'the edge has routes of its own',
    },
    { field: 'http.retries.retryRemoteLocalities', reason: NO_ZONES },
  ].map((each) => ({ kind: 'VirtualService', ...each })),
  ...[
    { field: 'resolution', ...only('NONE'), reason: NO_REDIRECTION },
    { field: 'resolution', ...only('DYNAMIC_DNS'), reason: 'write resolution DNS with the names' },
    { field: 'subjectAltNames', reason: 'sidecars do not encrypt, so no certificate is checked' },
    ...endpoint.map(({ field, reason }) => ({ field: `endpoints.${field}`, reason })),
  ].map((each) => ({ kind: 'ServiceEntry', ...each })),
  ...endpoint.map((each) => ({ kind: 'WorkloadEntry', ...each })),
];

function only(word: string): Pick<ClusterOnlyField, 'values' | 'applies'> {
  return { values: word, applies: (value) => value === word };
}

/** A field of an object that only a cluster acts on, and its path from spec. */
export interface Found {
  readonly field: ClusterOnlyField;
  readonly path: Path;
}

/** Finds the fields of a spec that only a cluster acts on. @param spec as written, with defaults that matter */
export function clusterOnlyFields(kind: string, spec: unknown): Found[] {
  const candidates = CLUSTER_ONLY_FIELDS.filter((each) => each.kind === kind);
  return written(spec, []).flatMap(({ path, value }) => {
    const name = fieldName(path);
    return candidates
      .filter(({ field, applies }) => field === name && (applies === undefined ? !isInList(path) && isSet(value) : applies(value)))
      .map((field) => ({ field, path }));
  });
}

/** Says what is wrong with a field. */
export function describeField({ field, values, reason, isRefused = false }: ClusterOnlyField): string {
  if (isRefused) return `${field.split('.').slice(-2).join('.')} ${values} needs Istio: ${reason}`;
  return noEffect(`${field.split('.').at(-1)}${values === undefined ? '' : ` ${values}`}`, reason);
}

/** All values below a value, with their paths. */
function written(value: unknown, path: Path): { path: Path; value: unknown }[] {
  if (value === null || typeof value !== 'object') return [];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return entries.flatMap(([key, each]) => [{ path: [...path, key], value: each }, ...written(each, [...path, key])]);
}

/** An empty list, 0, an empty string and false are the same as no field. */
function isSet(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

function isInList(path: Path): boolean {
  return typeof path.at(-1) === 'number';
}

/** Returns the name of a field as the list above has it. */
function fieldName(path: Path): string {
  return path.filter((step) => typeof step === 'string' && step !== 'subsets' && step !== 'portLevelSettings').join('.');
}
