import { type Message, message } from '../json.ts';
import { formatDuration } from '../policy/duration.ts';
import type { LoadBalancer, TrafficPolicy } from '../policy/schema/destination-rule.ts';

/** Smallest ring where a rule sets none (Envoy's own default). */
const MINIMUM_RING_SIZE = 1024;

export type ConsistentHash = NonNullable<LoadBalancer['consistentHash']>;

/**
 * The fields of a cluster that loadBalancer decides, with the panic threshold and the failover that outlierDetection has a say in.
 * @param originalDestination the cluster has no endpoints of its own: calls go where they were addressed to
 */
export function balancerFields(policy: TrafficPolicy | undefined, originalDestination: boolean): Message {
  const balancer = policy?.loadBalancer;
  const common_lb_config = {
    // Envoy's default of 50 % would send calls to ejected replicas; Istio says 0 unless a rule says otherwise.
    healthy_panic_threshold: { value: policy?.outlierDetection?.minHealthPercent ?? 0 },
    ...localityConfig(policy),
  };
  if (originalDestination || balancer?.simple === 'PASSTHROUGH') return { lb_policy: 'CLUSTER_PROVIDED', common_lb_config };
  return { ...algorithm(balancer), ...hashAlgorithm(balancer?.consistentHash), common_lb_config };
}

function algorithm(balancer: LoadBalancer | undefined): Message {
  const slowStart = warmup(balancer);
  switch (balancer?.simple) {
    case 'RANDOM':
      return { lb_policy: 'RANDOM' };
    case 'ROUND_ROBIN':
      // ROUND_ROBIN is the value 0 of its type, which protobuf-JSON leaves out.
      return message({ round_robin_lb_config: slowStart });
    default:
      return message({ lb_policy: 'LEAST_REQUEST', least_request_lb_config: slowStart });
  }
}

function warmup(balancer: LoadBalancer | undefined): Message | undefined {
  if (balancer?.warmup) {
    const { duration, aggression = 1, minimumPercent = 10 } = balancer.warmup;
    return {
      slow_start_config: {
        slow_start_window: formatDuration(duration),
        // Envoy requires a runtime key; Istio writes this one, which no runtime has.
        aggression: message({ default_value: aggression || undefined, runtime_key: '(' }),
        min_weight_percent: message({ value: minimumPercent || undefined }),
      },
    };
  }
  const seconds = balancer?.warmupDurationSecs;
  return seconds === undefined ? undefined : { slow_start_config: { slow_start_window: formatDuration(seconds) } };
}

/** Consistent hashing takes the place of the algorithm; its configuration that of the algorithm's, if it has one. */
function hashAlgorithm(hash: ConsistentHash | undefined): Message {
  if (!hash) return {};
  const instead = (fields: Message): Message => ({ round_robin_lb_config: undefined, least_request_lb_config: undefined, ...fields });
  if (hash.maglev) {
    const size = hash.maglev.tableSize;
    return size ? instead({ lb_policy: 'MAGLEV', maglev_lb_config: { table_size: size } }) : { lb_policy: 'MAGLEV' };
  }
  if (hash.ringHash && !hash.ringHash.minimumRingSize) return { lb_policy: 'RING_HASH' };
  const size = hash.ringHash?.minimumRingSize || hash.minimumRingSize || MINIMUM_RING_SIZE;
  return instead({ lb_policy: 'RING_HASH', ring_hash_lb_config: { minimum_ring_size: size } });
}

function localityConfig(policy: TrafficPolicy | undefined): Message {
  const { localityLbSetting: locality, zoneAwareLbSetting: zones } = policy?.loadBalancer ?? {};
  if (zones) {
    return {
      zone_aware_lb_config: message({
        // 0 %, written as protobuf-JSON writes it.
        routing_enabled: zones.enabled === false ? {} : undefined,
        min_cluster_size: zones.minClusterSize,
      }),
    };
  }
  if (!locality || locality.enabled === false) return {};
  // Without outlier detection nobody notices that a locality is down, so there is no failing over.
  const failover = policy?.outlierDetection && (isSet(locality.failover) || isSet(locality.failoverPriority));
  return failover || isSet(locality.distribute) ? { locality_weighted_lb_config: {} } : {};
}

function isSet(list: readonly unknown[] | undefined): boolean {
  return list !== undefined && list.length > 0;
}

/** What a route hashes by for a destination that is balanced by consistent hash. */
export function hashPolicy(hash: ConsistentHash | undefined): Message | undefined {
  if (hash?.httpHeaderName !== undefined) return { header: { header_name: hash.httpHeaderName } };
  if (hash?.httpCookie) {
    const { name, path, ttl, attributes = [] } = hash.httpCookie;
    return {
      cookie: message({
        name,
        path: path || undefined,
        ttl: ttl === undefined ? undefined : formatDuration(ttl),
        attributes: attributes.length > 0 ? attributes.map((attribute) => message({ ...attribute })) : undefined,
      }),
    };
  }
  if (hash?.useSourceIp !== undefined) return { connection_properties: message({ source_ip: hash.useSourceIp || undefined }) };
  if (hash?.httpQueryParameterName !== undefined) return { query_parameter: { name: hash.httpQueryParameterName } };
  return undefined;
}
