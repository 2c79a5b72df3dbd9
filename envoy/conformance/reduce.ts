import { isMessage, type Json, type Message } from '../json.ts';

const CLUSTER_FIELDS = [
  'name',
  'connect_timeout',
  'circuit_breakers',
  'outlier_detection',
  'upstream_connection_options',
  'typed_extension_protocol_options',
];
/** What decides only about calls that go out. */
const OUTBOUND_FIELDS = [
  'lb_policy',
  'common_lb_config',
  'ring_hash_lb_config',
  'maglev_lb_config',
  'least_request_lb_config',
  'round_robin_lb_config',
];
const ROUTE_FIELDS = [
  'match',
  'route',
  'redirect',
  'direct_response',
  'request_headers_to_add',
  'request_headers_to_remove',
  'response_headers_to_add',
  'response_headers_to_remove',
  'typed_per_filter_config',
];
/** Fields whose strings are texts even where they look like numbers. */
const TEXTS = ['exact', 'prefix', 'value'];

/** What is generated for a proxy. */
export interface Generated {
  readonly clusters: readonly Message[];
  readonly routes: readonly Message[];
}

/**
 * The part of a configuration by which it is compared with Istio's: the clusters of services and the virtual hosts of ports, in a fixed order
 * and spelling. Envoy's protobuf-JSON has several spellings for durations, 64-bit numbers and defaults.
 */
export function reduce({ clusters, routes }: Generated): { clusters: Json[]; virtual_hosts: Json[] } {
  return {
    clusters: clusters
      .filter(({ name }) => /^(outbound|inbound)\|\d+\|/.test(String(name)))
      .map((cluster) =>
        spelled(pick(cluster, [...CLUSTER_FIELDS, ...(String(cluster.name).startsWith('outbound') ? OUTBOUND_FIELDS : [])])),
      )
      .toSorted(byName),
    virtual_hosts: routes
      .filter(({ name }) => /^\d+$/.test(String(name)))
      .flatMap(({ virtual_hosts }) => messages(virtual_hosts))
      .filter(({ name }) => name !== 'allow_any' && name !== 'block_all')
      .map(({ name = null, domains, routes: ofHost }) => ({
        name,
        domains: Array.isArray(domains) ? domains.toSorted() : [],
        routes: messages(ofHost).map((route) => spelled(pick(route, ROUTE_FIELDS))),
      }))
      .toSorted(byName),
  };
}

function messages(value: Json | undefined): Message[] {
  return Array.isArray(value) ? value.filter(isMessage) : [];
}

function pick(message: Message, fields: readonly string[]): Message {
  return Object.fromEntries(Object.entries(message).filter(([field]) => fields.includes(field)));
}

function byName(a: Json, b: Json): number {
  const [first, second] = [a, b].map((each) => (isMessage(each) ? String(each.name) : ''));
  return (first ?? '') < (second ?? '') ? -1 : 1;
}

function spelled(value: Json, field = ''): Json {
  if (typeof value === 'string') {
    const duration = /^(\d+(?:\.\d+)?)s$/.exec(value);
    if (duration) return `${Number(duration[1])}s`;
    return /^\d{1,15}$/.test(value) && !TEXTS.includes(field) ? Number(value) : value;
  }
  if (Array.isArray(value)) return value.map((each) => spelled(each, field));
  if (!isMessage(value)) return value;
  // An empty percentage is 0.
  if (field === 'healthy_panic_threshold' && value.value === undefined) return { value: 0 };
  const fields = Object.entries(value).filter(([name, content]) => {
    const empty = isMessage(content) && Object.keys(content).length === 0;
    return content !== null && name !== 'ignore_port_in_host_matching' && !(name === 'common_lb_config' && empty);
  });
  return Object.fromEntries(fields.map(([name, content = null]) => [name, spelled(content, name)]));
}
