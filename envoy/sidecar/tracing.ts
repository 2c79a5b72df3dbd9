import { any, isMessage, type Json, type Message } from '../json.ts';
import type { Workload } from './clusters.ts';
import { socketAddress } from './files.ts';

/** Who takes spans, by OTLP over gRPC without TLS. */
export interface Collector {
  readonly host: string;
  readonly port: number;
  /** How many of the traces that begin here are kept; one that a caller began is kept if the caller says so. */
  readonly percent: number;
}

const COLLECTOR = 'rentmesh.collector';
const HTTP_PROTOCOL_OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

/**
 * The collector of OTEL_EXPORTER_OTLP_ENDPOINT (`http://host:4317`) and what OTEL_TRACES_SAMPLER (a `parentbased_` one) and its ARG say of it, the
 * variables that services read too; undefined if the first is not set.
 *
 * @throws RangeError naming the variable
 */
export function collectorOf(environment: NodeJS.ProcessEnv): Collector | undefined {
  const given = environment.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (!given) return undefined;
  const url = URL.parse(given);
  if (url?.protocol !== 'http:')
    throw new RangeError(`OTEL_EXPORTER_OTLP_ENDPOINT has to be a URL such as http://collector:4317, not "${given}".`);
  return { host: url.hostname, port: Number(url.port || 4317), percent: sampledPercent(environment) };
}

function sampledPercent({ OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: argument }: NodeJS.ProcessEnv): number {
  if (!sampler || sampler === 'parentbased_always_on') return 100;
  if (sampler === 'parentbased_always_off') return 0;
  const ratio = Number(argument || 1);
  if (sampler === 'parentbased_traceidratio' && ratio >= 0 && ratio <= 1) return ratio * 100;
  throw new RangeError(
    `OTEL_TRACES_SAMPLER has to be parentbased_always_on, parentbased_always_off or parentbased_traceidratio with OTEL_TRACES_SAMPLER_ARG from 0 to 1, not "${sampler}" with "${argument ?? ''}".`,
  );
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
 * a server's span, what goes out a client's, and both have the `service.name` `<app>.<namespace>`, as with Istio's sidecars.
 */
export function traced(listener: Message, { name, namespace, labels }: Workload, { percent }: Collector): Message {
  const tracing: Message = {
    // Left to the sampler: Envoy's own lots disregard what the caller has decided.
    random_sampling: { value: 100 },
    // A call by its method; a REST request is a call by then. What is no call by its path without the query, which would be a name of its own each time.
    operation: '%PATH(NQ:PATH)%',
    provider: {
      name: 'envoy.tracers.opentelemetry',
      typed_config: any('envoy.config.trace.v3.OpenTelemetryConfig', {
        service_name: `${labels.app ?? name}.${namespace}`,
        grpc_service: { envoy_grpc: { cluster_name: COLLECTOR }, timeout: '1s' },
        sampler: sampler('parent_based', 'ParentBasedSamplerConfig', {
          wrapped_sampler: sampler('trace_id_ratio_based', 'TraceIdRatioBasedSamplerConfig', {
            sampling_percentage: { numerator: Math.round(percent * 10_000), denominator: 'MILLION' },
          }),
        }),
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

function sampler(name: string, type: string, fields: Message): Message {
  return {
    name: `envoy.tracers.opentelemetry.samplers.${name}`,
    typed_config: any(`envoy.extensions.tracers.opentelemetry.samplers.v3.${type}`, fields),
  };
}

function mapMessages(list: Json | undefined, change: (each: Message) => Message): Message[] {
  return Array.isArray(list) ? list.filter(isMessage).map(change) : [];
}
