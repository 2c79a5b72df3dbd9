import { type Message, message } from '../json.ts';
import { formatDuration } from '../policy/duration.ts';
import type { LoadBalancer } from '../policy/schema.ts';

/** The fields of a cluster that loadBalancer decides. */
export function balancerFields(balancer: LoadBalancer | undefined): Message {
  const hash = balancer?.consistentHash;
  if (hash?.maglev)
    return message({ lb_policy: 'MAGLEV', maglev_lb_config: hash.maglev.tableSize ? { table_size: hash.maglev.tableSize } : undefined });
  if (hash) {
    const size = hash.ringHash?.minimumRingSize || hash.minimumRingSize || 1024;
    return { lb_policy: 'RING_HASH', ring_hash_lb_config: { minimum_ring_size: size } };
  }
  // ROUND_ROBIN is the value 0, which protobuf-JSON leaves out.
  if (balancer?.simple === 'ROUND_ROBIN') return {};
  if (balancer?.simple === 'RANDOM') return { lb_policy: 'RANDOM' };
  if (balancer?.simple === 'PASSTHROUGH') return { lb_policy: 'CLUSTER_PROVIDED' };
  return { lb_policy: 'LEAST_REQUEST' };
}

/** What a route hashes by for a consistent-hash cluster. */
export function hashPolicy(balancer: LoadBalancer | undefined): Message[] | undefined {
  const hash = balancer?.consistentHash;
  if (!hash) return undefined;
  if (hash.httpHeaderName) return [{ header: { header_name: hash.httpHeaderName } }];
  if (hash.httpCookie) {
    const { name, path, ttl } = hash.httpCookie;
    return [{ cookie: message({ name, path, ttl: ttl === undefined ? undefined : formatDuration(ttl) }) }];
  }
  if (hash.useSourceIp) return [{ connection_properties: { source_ip: true } }];
  if (hash.httpQueryParameterName) return [{ query_parameter: { name: hash.httpQueryParameterName } }];
  return undefined;
}
