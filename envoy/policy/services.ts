import type { Resources } from './resources.ts';
import type { KubernetesServiceSpec, ServiceEntrySpec } from './schema/services.ts';
import type { Source } from './source.ts';

/** What is spoken on a port, as far as a sidecar treats it differently. */
export type Protocol = 'GRPC' | 'GRPC_WEB' | 'HTTP' | 'HTTP2' | 'HTTP_PROXY' | 'HTTPS' | 'TCP' | 'TLS' | 'UDP' | 'UNKNOWN';

export interface ServicePort {
  readonly number: number;
  readonly name: string;
  readonly protocol: Protocol;
  /** The port of the workload. */
  readonly targetPort: number;
}

/** A service that calls can be addressed to. */
export interface Service {
  readonly host: string;
  readonly namespace: string;
  readonly name: string;
  readonly ports: readonly ServicePort[];
  /** Labels of the workloads behind it, in its namespace; undefined if it does not select by label. */
  readonly selector: Readonly<Record<string, string>> | undefined;
  readonly kind: 'Service' | 'ServiceEntry';
  readonly resolution: 'NONE' | 'STATIC' | 'DNS' | 'DNS_ROUND_ROBIN' | 'DYNAMIC_DNS';
  /** IP address under which it can be called as well, if it has one. */
  readonly addresses: readonly string[];
  /** Names or addresses of its instances, as a ServiceEntry lists them; the host itself if it lists none. */
  readonly endpoints: NonNullable<ServiceEntrySpec['endpoints']>;
  readonly exportTo: readonly string[];
  readonly created: string;
  readonly source: Source;
}

/** Anything that carries labels in a namespace. */
export interface Labelled {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** Whether a label selector selects; an empty selector selects everything. */
export function selects(selector: Readonly<Record<string, string>>, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(selector).every(([key, value]) => labels[key] === value);
}

/** Whether the workload is one of those behind the service. A service without selector labels has none. */
export function isBehind(service: Service, workload: Labelled): boolean {
  const selector = service.selector ?? {};
  return Object.keys(selector).length > 0 && service.namespace === workload.namespace && selects(selector, workload.labels);
}

/** The services that Kubernetes Services and Istio ServiceEntries define. */
export function servicesOf(resources: Pick<Resources, 'kubernetesServices' | 'serviceEntries'>): Service[] {
  const services: Service[] = [];
  for (const { name, namespace, spec, annotations, created, source } of resources.kubernetesServices) {
    services.push({
      host: `${name}.${namespace}.svc.cluster.local`,
      namespace,
      name,
      ports: (spec.ports ?? []).map((port) => ({
        number: port.port,
        name: port.name ?? '',
        protocol: protocolOf(port),
        targetPort: typeof port.targetPort === 'number' ? port.targetPort : port.port,
      })),
      selector: spec.selector,
      kind: 'Service',
      resolution: 'STATIC',
      addresses: [],
      endpoints: [],
      exportTo: (annotations['networking.istio.io/exportTo'] ?? '')
        .split(',')
        .map((scope) => scope.trim())
        .filter(Boolean),
      created,
      source,
    });
  }
  for (const { namespace, spec, created, source } of resources.serviceEntries) {
    for (const host of spec.hosts) {
      services.push({
        host,
        namespace,
        // Istio orders ServiceEntry services by host.
        name: host,
        ports: (spec.ports ?? []).map((port) => ({
          number: port.number,
          name: port.name,
          protocol: parseProtocol(port.protocol ?? ''),
          targetPort: port.targetPort ?? port.number,
        })),
        selector: spec.workloadSelector?.labels,
        kind: 'ServiceEntry',
        resolution: spec.resolution ?? 'NONE',
        // Istio makes a service of each address, and of services with one host one counts.
        addresses: (spec.addresses ?? []).slice(0, 1),
        endpoints: spec.endpoints ?? [{ address: host }],
        exportTo: spec.exportTo ?? [],
        created,
        source,
      });
    }
  }
  return services;
}

/** Names of protocols that Kubernetes defines for appProtocol. */
const APP_PROTOCOLS: Readonly<Record<string, Protocol>> = {
  'kubernetes.io/h2c': 'HTTP2',
  'kubernetes.io/ws': 'HTTP',
  'kubernetes.io/wss': 'HTTPS',
};

/** Ports of SMTP, DNS, MySQL and MongoDB: their servers speak first, so Istio does not detect HTTP on them. */
const WELL_KNOWN_PORTS = [25, 53, 3306, 27017];

type KubernetesPort = NonNullable<KubernetesServiceSpec['ports']>[number];

/** Returns the protocol of a port as Istio's ConvertProtocol does: by appProtocol, else by the port's name up to the first dash. */
function protocolOf({ port, name = '', protocol, appProtocol }: KubernetesPort): Protocol {
  if (protocol === 'UDP') return 'UDP';
  const named = appProtocol === undefined ? undefined : APP_PROTOCOLS[appProtocol];
  if (named !== undefined) return named;
  const text = (appProtocol ?? name).toLowerCase();
  if (text.startsWith('grpc-web')) return 'GRPC_WEB';
  const parsed = parseProtocol(text.split('-')[0] ?? '');
  return parsed === 'UNKNOWN' && WELL_KNOWN_PORTS.includes(port) ? 'TCP' : parsed;
}

function parseProtocol(text: string): Protocol {
  switch (text.toLowerCase()) {
    case 'grpc':
      return 'GRPC';
    case 'grpc-web':
      return 'GRPC_WEB';
    case 'http':
      return 'HTTP';
    case 'http_proxy':
      return 'HTTP_PROXY';
    case 'http2':
      return 'HTTP2';
    case 'https':
      return 'HTTPS';
    case 'tls':
      return 'TLS';
    case 'udp':
      return 'UDP';
    case 'tcp':
    case 'mongo':
    case 'redis':
    case 'mysql':
      return 'TCP';
    default:
      return 'UNKNOWN';
  }
}

/** Whether a port is routed by HTTP routes; a port without a known protocol is, since Istio finds out what is spoken. */
export function isHttp(port: ServicePort): boolean {
  return ['GRPC', 'GRPC_WEB', 'HTTP', 'HTTP2', 'HTTP_PROXY', 'UNKNOWN'].includes(port.protocol);
}

/** Whether HTTP/2 is spoken on a port for sure. */
export function isHttp2(port: ServicePort): boolean {
  return ['GRPC', 'GRPC_WEB', 'HTTP2'].includes(port.protocol);
}
