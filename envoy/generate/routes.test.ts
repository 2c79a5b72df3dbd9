import { describe, expect, it } from 'vitest';
import { at, CAR, messages, RESERVATION, routesIn, rule, scopeWith, TO_CAR, virtual } from '../testing/mesh.ts';
import { routesFor } from './routes.ts';

const routeWith = (text: string) => routesIn(scopeWith([virtual(`[{${text}, ${TO_CAR}}]`)]))[0];
const instead = (text: string) => routesIn(scopeWith([virtual(`[{${text}}]`)]))[0];

describe('a route', () => {
  it('without a VirtualService has no timeout and two retries', () => {
    const [route, ...others] = routesIn(scopeWith([]));
    expect(others).toEqual([]);
    expect(route).toMatchObject({ match: { prefix: '/' }, route: { cluster: CAR, timeout: '0s', max_grpc_timeout: '0s' } });
    expect(at(route, 'route', 'retry_policy')).toMatchObject({
      num_retries: 2,
      retry_on: 'connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes',
    });
  });

  it('caps the deadline of the caller by its timeout', () => {
    expect(at(routeWith('timeout: 1500ms'), 'route')).toMatchObject({ timeout: '1.5s', max_grpc_timeout: '1.5s' });
  });

  it('takes status codes out of retryOn', () => {
    expect(
      at(routeWith('retries: {attempts: 3, retryOn: "503,unavailable", perTryTimeout: 1s, backoff: 50ms}'), 'route', 'retry_policy'),
    ).toMatchObject({
      num_retries: 3,
      retry_on: 'unavailable,retriable-status-codes',
      retriable_status_codes: [503],
      per_try_timeout: '1s',
      retry_back_off: { base_interval: '0.05s' },
    });
    expect(at(routeWith('retries: {attempts: 0}'), 'route', 'retry_policy')).toBeUndefined();
  });

  it('matches headers by name, then method, authority and scheme', () => {
    const match = at(
      routeWith('match: [{method: {exact: POST}, headers: {x-b: {prefix: b}, x-a: {}}, withoutHeaders: {x-old: {exact: "1"}}}]'),
      'match',
    );
    expect(at(match, 'headers')).toEqual([
      { name: 'x-a', present_match: true },
      { name: 'x-b', string_match: { prefix: 'b' } },
      { name: 'x-old', string_match: { exact: '1' }, invert_match: true, treat_missing_header_as_empty: true },
      { name: ':method', string_match: { exact: 'POST' } },
    ]);
  });

  it('is left out for callers that its match is not about', () => {
    const documents = [
      virtual(`[{match: [{sourceLabels: {app: rental}}, {sourceNamespace: other}], timeout: 1s, ${TO_CAR}}, {timeout: 2s, ${TO_CAR}}]`),
    ];
    expect(routesIn(scopeWith(documents)).map((route) => at(route, 'route', 'timeout'))).toEqual(['2s']);
    const rental = scopeWith(documents, { ...RESERVATION, labels: { app: 'rental' } });
    expect(routesIn(rental).map((route) => at(route, 'route', 'timeout'))).toEqual(['1s']);
  });

  it('splits by weight, without destinations that have none', () => {
    const to = (subset: string, weight: number): string => `{destination: {host: car, subset: ${subset}}, weight: ${weight}}`;
    const route = instead(`route: [${to('v1', 90)}, ${to('v2', 10)}, ${to('v3', 0)}]`);
    expect(at(route, 'route', 'weighted_clusters', 'clusters')).toEqual([
      { name: 'outbound|50051|v1|car.rentcar.svc.cluster.local', weight: 90 },
      { name: 'outbound|50051|v2|car.rentcar.svc.cluster.local', weight: 10 },
    ]);
  });

  it('changes headers: set before add, both by name; the authority by its own field', () => {
    const route = routeWith(
      'headers: {request: {add: {b: "1"}, set: {d: "2", c: "3", ":authority": h}, remove: [x]}, response: {remove: [z]}}',
    );
    expect(messages(route?.request_headers_to_add).map((entry) => at(entry, 'header', 'key'))).toEqual(['c', 'd', 'b']);
    expect(route).toMatchObject({
      request_headers_to_remove: ['x'],
      response_headers_to_remove: ['z'],
      route: { host_rewrite_literal: 'h' },
    });
  });

  it('injects faults in parts of a million, cut off', () => {
    const fault = at(
      routeWith('fault: {delay: {fixedDelay: 1s, percentage: {value: 0.043}}, abort: {grpcStatus: UNAVAILABLE}}'),
      'typed_per_filter_config',
      'envoy.filters.http.fault',
    );
    expect(fault).toMatchObject({
      delay: { fixed_delay: '1s', percentage: { numerator: 429, denominator: 'MILLION' } },
      abort: { grpc_status: 14 },
    });
  });

  it('redirects, answers, rewrites and mirrors', () => {
    expect(instead('redirect: {uri: /n, redirectCode: 302, derivePort: FROM_REQUEST_PORT}')).toMatchObject({
      redirect: { path_redirect: '/n', port_redirect: 50051, response_code: 'FOUND' },
    });
    expect(instead('directResponse: {status: 503, body: {string: closed}}')).toMatchObject({
      direct_response: { status: 503, body: { inline_string: 'closed' } },
    });
    expect(at(routeWith('rewrite: {uri: /v2}'), 'route', 'prefix_rewrite')).toBe('/v2');
    expect(
      at(routeWith('mirror: {host: car, subset: v2}, mirrorPercentage: {value: 10}'), 'route', 'request_mirror_policies', 0),
    ).toMatchObject({
      cluster: 'outbound|50051|v2|car.rentcar.svc.cluster.local',
      runtime_fraction: { default_value: { numerator: 100000, denominator: 'MILLION' } },
    });
  });

  it('answers CORS', () => {
    const cors = at(
      routeWith('corsPolicy: {allowOrigins: [{exact: "https://a"}], allowMethods: [GET, POST], maxAge: 1m}'),
      'typed_per_filter_config',
      'envoy.filters.http.cors',
    );
    expect(cors).toMatchObject({ allow_origin_string_match: [{ exact: 'https://a' }], allow_methods: 'GET,POST', max_age: '60' });
  });

  it('hashes by what the rule says, and retries on the same replica then', () => {
    const hashing = rule('{host: car, trafficPolicy: {loadBalancer: {consistentHash: {httpHeaderName: x-user}}}}');
    const [route] = routesIn(scopeWith([hashing, virtual(`[{${TO_CAR}}]`)]));
    expect(at(route, 'route', 'hash_policy')).toEqual([{ header: { header_name: 'x-user' } }]);
    expect(at(route, 'route', 'retry_policy', 'retry_host_predicate')).toBeUndefined();
  });

  it('after one that takes everything is left out', () => {
    expect(routesIn(scopeWith([virtual(`[{timeout: 1s, ${TO_CAR}}, {timeout: 2s, ${TO_CAR}}]`)]))).toHaveLength(1);
  });
});

describe('virtual hosts', () => {
  it('answer to every name of a service; the bare one only within its namespace', () => {
    const domains = (namespace: string) =>
      routesFor(scopeWith([], { namespace, labels: {} }))
        .flatMap((configuration) => messages(configuration.virtual_hosts))
        .find((host) => host.name === 'car.rentcar.svc.cluster.local:50051')?.domains;
    const common = ['car.rentcar.svc.cluster.local', 'car.rentcar.svc.cluster.local.', 'car.rentcar.svc', 'car.rentcar'];
    expect(domains('starcoffee')).toEqual(common);
    expect(new Set(messages(domains('rentcar')))).toEqual(new Set([...common, 'car']));
  });

  it('of one host follow the VirtualService whose host is most specific', () => {
    const documents = [
      virtual(`[{timeout: 1s, ${TO_CAR}}]`, { name: 'a', hosts: '["*.svc.cluster.local"]' }),
      virtual(`[{timeout: 2s, ${TO_CAR}}]`, { name: 'b', hosts: '["*.rentcar.svc.cluster.local"]' }),
    ];
    expect(at(routesIn(scopeWith(documents))[0], 'route', 'timeout')).toBe('2s');
  });
});
