import { any, type Message, message, unlessEmpty } from '../json.ts';
import { formatDuration } from '../policy/duration.ts';
import type { ConnectionPool, TrafficPolicy } from '../policy/schema/destination-rule.ts';
import { isHttp2, type ServicePort } from '../policy/services.ts';

/** Istio's limit where a rule sets none: the largest 32-bit number, that is no limit. */
const NO_LIMIT = 2 ** 32 - 1;
/** meshConfig.connectTimeout of Istio. */
const CONNECT_TIMEOUT = '10s';
const HTTP_PROTOCOL_OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

/** The fields of a cluster that connectionPool and retryBudget decide. A limit of 0 counts as not set. */
export function connectionFields(policy: TrafficPolicy | undefined, port: ServicePort, direction: 'inbound' | 'outbound'): Message {
  const { tcp, http } = policy?.connectionPool ?? {};
  return message({
    connect_timeout: tcp?.connectTimeout === undefined ? CONNECT_TIMEOUT : formatDuration(tcp.connectTimeout),
    circuit_breakers: {
      thresholds: [
        message({
          max_connections: tcp?.maxConnections || NO_LIMIT,
          max_pending_requests: http?.http1MaxPendingRequests || NO_LIMIT,
          max_requests: http?.http2MaxRequests || NO_LIMIT,
          max_retries: http?.maxRetries || NO_LIMIT,
          retry_budget: retryBudget(policy?.retryBudget),
        }),
      ],
    },
    upstream_connection_options: keepalive(tcp?.tcpKeepalive),
    typed_extension_protocol_options: protocolOptions(policy, port, direction),
  });
}

/** 20 % and at least 3 retries at once, where the budget does not say otherwise. */
function retryBudget(budget: TrafficPolicy['retryBudget']): Message | undefined {
  if (!budget) return undefined;
  return message({
    budget_percent: message({ value: (budget.percent ?? 20) || undefined }),
    budget_interval: budget.budgetInterval === undefined ? undefined : formatDuration(budget.budgetInterval),
    min_retry_concurrency: budget.minRetryConcurrency || 3,
  });
}

function keepalive(settings: NonNullable<ConnectionPool['tcp']>['tcpKeepalive']): Message | undefined {
  if (!settings) return undefined;
  return {
    tcp_keepalive: message({
      keepalive_probes: settings.probes || undefined,
      keepalive_time: wholeSeconds(settings.time),
      keepalive_interval: wholeSeconds(settings.interval),
    }),
  };
}

/**
 * How HTTP is spoken to the workload. The service port decides: HTTP/2 for gRPC, as the caller speaks where the protocol is not known, and
 * otherwise Envoy's default (HTTP/1.1), which is written down only if there are other options.
 */
function protocolOptions(policy: TrafficPolicy | undefined, port: ServicePort, direction: 'inbound' | 'outbound'): Message | undefined {
  const pool = policy?.connectionPool;
  const http = pool?.http;
  const sniffed = port.protocol === 'UNKNOWN';
  const upgraded = direction === 'outbound' && http?.h2UpgradePolicy === 'UPGRADE' && !http.useClientProtocol && !sniffed;
  const http2 = isHttp2(port) || upgraded;
  const idleTimeout = http?.idleTimeout ?? pool?.tcp?.idleTimeout;
  const lifetime = pool?.tcp?.maxConnectionDuration;
  const common = message({
    idle_timeout: idleTimeout === undefined ? undefined : formatDuration(idleTimeout),
    max_requests_per_connection: http?.maxRequestsPerConnection || undefined,
    max_connection_duration: lifetime === undefined ? undefined : formatDuration(lifetime),
  });
  const others = Boolean(http?.maxConcurrentStreams) || http?.http2KeepAlive !== undefined;
  const asClient = sniffed || http?.useClientProtocol === true;
  const tls = direction === 'outbound' ? tlsOptions(policy?.tls) : undefined;
  if (!http2 && !asClient && !others && !tls && Object.keys(common).length === 0) return undefined;
  const http2Options = message({
    max_concurrent_streams: http?.maxConcurrentStreams || undefined,
    connection_keepalive: http?.http2KeepAlive && {
      interval: formatDuration(http.http2KeepAlive.interval ?? 0),
      timeout: formatDuration(http.http2KeepAlive.timeout ?? 0),
    },
  });
  const options = message({
    upstream_http_protocol_options: tls,
    common_http_protocol_options: others ? common : unlessEmpty(common),
    ...(asClient
      ? { use_downstream_protocol_config: { http_protocol_options: {}, http2_protocol_options: {} } }
      : { explicit_http_config: http2 ? { http2_protocol_options: http2Options } : { http_protocol_options: {} } }),
  });
  return { [HTTP_PROTOCOL_OPTIONS]: any(HTTP_PROTOCOL_OPTIONS, options) };
}

/** Which name a TLS server is asked for and has to prove, where the rule does not say: the one that the request is addressed to. */
function tlsOptions(tls: TrafficPolicy['tls']): Message | undefined {
  if ((tls?.mode !== 'SIMPLE' && tls?.mode !== 'MUTUAL') || tls.sni) return undefined;
  const verify = !tls.insecureSkipVerify && (tls.subjectAltNames ?? []).length === 0;
  return message({ auto_sni: true, auto_san_validation: verify || undefined });
}

function wholeSeconds(nanoseconds: number | undefined): number | undefined {
  return nanoseconds === undefined ? undefined : Math.floor(nanoseconds / 1e9);
}
