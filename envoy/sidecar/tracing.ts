import { any, isMessage, type Json, type Message } from '../json.ts';
import type { Workload } from './clusters.ts';
import { socketAddress } from './files.ts';

/** Who takes spans, by OTLP over gRPC without TLS. */
export interface Collector {
  readonly host: string;
  readonly port: number;
}

const COLLECTOR = 'rentmesh.collector';
const HTTP_PROTOCOL_OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

/**
 * The collector of OTEL_EXPORTER_OTLP_ENDPOINT (`http://host:4317`), the variable that services read too; undefined if it is not set.
 *
 * @throws RangeError naming the variable
 */
export function collectorOf(environment: NodeJS.ProcessEnv): Collector | undefined {
  const given = environment.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (!given) return undefined;
  const url = URL.parse(given);
  if (url?.protocol !== 'http:')
    throw new RangeError(`OTEL_EXPORTER_OTLP_ENDPOINT has to be a URL such as http://collector:4317, not "${given}".`);
  return { host: url.hostname, port: Number(url.port || 4317) };
}

/** The cluster of the collector. */
export function collectorCluster({ host, port }: Collector): Message {
  return {
    name: COLLECTOR,
    type: 'STRICT_DNS',
    dns_lookup_family: 'V4_PREFERRED',
    connect_timeout: '1s',
    load_assignment: { cluster_name: COLLECTOR, endpoints: [{ lb_endpoints: [{ endpoint: { address: socketAddress(host, port) } }] }] },
    typed_extension_protocol_options: {
      [HTTP_PROTOCOL_OPTIONS]: any(HTTP_PROTOCOL_OPTIONS, { explicit_http_config: { http2_protocol_options: {} } }),
    },
  };
}

/**
 * A listener whose requests are traced: each becomes a span that continues the request's trace (W3C traceparent), or begins one. What comes in is
 * a server's span, what goes out a client's, as with Istio's sidecars.
 */
export function traced(listener: Message, { name, namespace, labels }: Workload): Message {
  const app = labels.app ?? name;
  const tracing: Message = {
    // Whether a trace is kept is said by whoever begins it; what begins here is kept.
    random_sampling: { value: 100 },
    // A call by its method; a REST request is a call by then.
    operation: '%REQ(:PATH)%',
    provider: {
      name: 'envoy.tracers.opentelemetry',
      typed_config: any('envoy.config.trace.v3.OpenTelemetryConfig', {
        service_name: app === namespace ? app : `${namespace}.${app}.sidecar`,
        grpc_service: { envoy_grpc: { cluster_name: COLLECTOR }, timeout: '1s' },
      }),
    },
  };
  const filterChains = mapMessages(listener.filter_chains, (chain) => ({
    ...chain,
    filters: mapMessages(chain.filters, (filter) =>
      isMessage(filter.typed_config) ? { ...filter, typed_config: { ...filter.typed_config, tracing } } : filter,
    ),
  }));
  return { ...listener, traffic_direction: listener.name === 'outbound' ? 'OUTBOUND' : 'INBOUND', filter_chains: filterChains };
}

function mapMessages(list: Json | undefined, change: (each: Message) => Message): Message[] {
  return Array.isArray(list) ? list.filter(isMessage).map(change) : [];
}
