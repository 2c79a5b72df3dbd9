import { describe, expect, it } from 'vitest';
import { at, CAR, clusterIn, rule, scopeWith } from '../testing/mesh.ts';

const HTTP = ['typed_extension_protocol_options', 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions'] as const;
const carWith = (policy: string) => clusterIn(scopeWith([rule(`{host: car.rentcar.svc.cluster.local, trafficPolicy: ${policy}}`)]));

describe('a cluster', () => {
  it('has no limits and no panic where no rule says anything', () => {
    const cluster = clusterIn(scopeWith([]));
    expect(cluster).toMatchObject({ name: CAR, lb_policy: 'LEAST_REQUEST', connect_timeout: '10s' });
    expect(at(cluster, 'circuit_breakers', 'thresholds', 0, 'max_retries')).toBe(4294967295);
    expect(at(cluster, 'common_lb_config', 'healthy_panic_threshold', 'value')).toBe(0);
    expect(at(cluster, 'outlier_detection')).toBeUndefined();
    expect(at(cluster, ...HTTP, 'explicit_http_config')).toEqual({ http2_protocol_options: {} });
  });

  it('is limited by the connection pool; a limit of 0 is none', () => {
    const cluster = carWith(
      '{connectionPool: {tcp: {maxConnections: 3, idleTimeout: 5s}, http: {http2MaxRequests: 0, maxRequestsPerConnection: 2}}}',
    );
    expect(at(cluster, 'circuit_breakers', 'thresholds', 0)).toMatchObject({ max_connections: 3, max_requests: 4294967295 });
    expect(at(cluster, ...HTTP, 'common_http_protocol_options')).toEqual({ idle_timeout: '5s', max_requests_per_connection: 2 });
  });

  it('has a retry budget of 20 % and 3 where the rule leaves that open', () => {
    const budget = at(carWith('{retryBudget: {}}'), 'circuit_breakers', 'thresholds', 0, 'retry_budget');
    expect(budget).toEqual({ budget_percent: { value: 20 }, min_retry_concurrency: 3 });
  });

  it('ejects by the counts that are set, and switches off those set to 0', () => {
    const cluster = carWith('{outlierDetection: {consecutiveGatewayErrors: 3, consecutive5xxErrors: 0, minHealthPercent: 30}}');
    expect(at(cluster, 'outlier_detection')).toEqual({
      consecutive_5xx: 0,
      enforcing_consecutive_5xx: 0,
      consecutive_gateway_failure: 3,
      enforcing_consecutive_gateway_failure: 100,
      enforcing_success_rate: 0,
    });
    expect(at(cluster, 'common_lb_config', 'healthy_panic_threshold', 'value')).toBe(30);
  });

  it.each([
    ['{simple: ROUND_ROBIN}', undefined],
    ['{simple: LEAST_CONN}', 'LEAST_REQUEST'],
    ['{simple: RANDOM}', 'RANDOM'],
    ['{simple: PASSTHROUGH}', 'CLUSTER_PROVIDED'],
    ['{consistentHash: {useSourceIp: true}}', 'RING_HASH'],
    ['{consistentHash: {useSourceIp: true, maglev: {tableSize: 251}}}', 'MAGLEV'],
  ])('is balanced by %s', (balancer, algorithm) => {
    expect(at(carWith(`{loadBalancer: ${balancer}}`), 'lb_policy')).toBe(algorithm);
  });

  it('warms replicas up', () => {
    const config = at(
      carWith('{loadBalancer: {simple: ROUND_ROBIN, warmup: {duration: 30s}}}'),
      'round_robin_lb_config',
      'slow_start_config',
    );
    expect(config).toMatchObject({ slow_start_window: '30s', min_weight_percent: { value: 10 } });
  });

  it('fails over between localities only with outlier detection', () => {
    const setting = 'loadBalancer: {localityLbSetting: {failover: [{from: us, to: eu}]}}';
    expect(at(carWith(`{${setting}}`), 'common_lb_config', 'locality_weighted_lb_config')).toBeUndefined();
    expect(at(carWith(`{${setting}, outlierDetection: {interval: 1s}}`), 'common_lb_config', 'locality_weighted_lb_config')).toEqual({});
  });

  it('of a port follows the settings of the port and nothing else', () => {
    const cluster = carWith(
      '{connectionPool: {http: {maxRetries: 1}}, outlierDetection: {interval: 1s}, portLevelSettings: [{port: {number: 50051}, connectionPool: {http: {http2MaxRequests: 2}}}]}',
    );
    expect(at(cluster, 'circuit_breakers', 'thresholds', 0)).toMatchObject({ max_requests: 2, max_retries: 4294967295 });
    expect(at(cluster, 'outlier_detection')).toBeUndefined();
  });

  it("of a subset follows the subset's blocks before the rule's", () => {
    const scope = scopeWith([
      rule(
        '{host: car, trafficPolicy: {connectionPool: {http: {maxRetries: 1}}, loadBalancer: {simple: RANDOM}}, subsets: [{name: v1, labels: {version: v1}, trafficPolicy: {connectionPool: {http: {maxRetries: 7}}}}]}',
      ),
    ]);
    const subset = clusterIn(scope, 'outbound|50051|v1|car.rentcar.svc.cluster.local');
    expect(at(subset, 'circuit_breakers', 'thresholds', 0, 'max_retries')).toBe(7);
    expect(at(subset, 'lb_policy')).toBe('RANDOM');
  });

  it('for calls that come in has the limits of the rule, but no ejection', () => {
    const documents = [
      rule('{host: car, trafficPolicy: {connectionPool: {http: {http2MaxRequests: 6}}, outlierDetection: {interval: 1s}}}'),
    ];
    const inbound = clusterIn(scopeWith(documents, { namespace: 'rentcar', labels: { app: 'car' } }), 'inbound|50051||');
    expect(at(inbound, 'circuit_breakers', 'thresholds', 0, 'max_requests')).toBe(6);
    expect(at(inbound, 'outlier_detection')).toBeUndefined();
  });
});
