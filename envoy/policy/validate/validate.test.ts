import { describe, expect, it } from 'vitest';
import { meshOf, rule, TO_CAR, virtual } from '../../testing/mesh.ts';

function refusal(document: string): string {
  try {
    meshOf(document);
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const policy = (text: string): string => rule(`{host: car.rentcar.svc.cluster.local, trafficPolicy: ${text}}`);
const route = (text: string): string => virtual(`[{${text}, ${TO_CAR}}]`);

// What Istio 1.31 refuses of a DestinationRule, found with its own validation.
describe('a DestinationRule is refused for', () => {
  it.each([
    ['an empty policy', policy('{}'), /at least one field/],
    ['an empty connection pool', policy('{connectionPool: {}}'), /at least one field/],
    ['a negative limit', policy('{connectionPool: {http: {http2MaxRequests: -1}}}'), /must be non-negative/],
    ['a duration below 1ms', policy('{outlierDetection: {interval: 100us}}'), /at least 1ms/],
    ['a duration finer than milliseconds', policy('{connectionPool: {tcp: {connectTimeout: 1.0005s}}}'), /ms precision/],
    ['a percentage above 100', policy('{outlierDetection: {maxEjectionPercent: 120}}'), /not in range 0..100/],
    [
      'local failures without the split',
      policy('{outlierDetection: {consecutiveLocalOriginFailures: 3}}'),
      /splitExternalLocalOriginErrors/,
    ],
    [
      'two algorithms',
      policy('{loadBalancer: {simple: RANDOM, consistentHash: {useSourceIp: true}}}'),
      /only one of simple and consistentHash/,
    ],
    ['two hash keys', policy('{loadBalancer: {consistentHash: {useSourceIp: true, httpHeaderName: a}}}'), /only one of/],
    ['a Maglev table that is no prime', policy('{loadBalancer: {consistentHash: {useSourceIp: true, maglev: {tableSize: 9}}}}'), /prime/],
    [
      'weights of localities that are not 100',
      policy('{loadBalancer: {localityLbSetting: {distribute: [{from: us, to: {us: 90}}]}}}'),
      /90 != 100/,
    ],
    ['mutual TLS without certificates', policy('{tls: {mode: MUTUAL}}'), /client certificate required/],
    ['port settings without a port', policy('{portLevelSettings: [{connectionPool: {http: {maxRetries: 1}}}]}'), /must have a port/],
    ['a keepalive without timeout', policy('{connectionPool: {http: {http2KeepAlive: {interval: 1s}}}}'), /timeout is required/],
    ['a bad host', rule('{host: "a..b"}'), /label "" invalid/],
    ['a bad subset name', rule('{host: car, subsets: [{name: v_1}]}'), /subset name is invalid/],
    ['everyone and someone in exportTo', rule('{host: car, exportTo: ["*", "."]}'), /cannot have both public/],
    [
      'a selector and other namespaces',
      rule('{host: car, workloadSelector: {matchLabels: {a: b}}, exportTo: [x]}'),
      /beyond current namespace/,
    ],
  ])('%s', (_, document, message) => {
    expect(refusal(document)).toMatch(message);
  });
});

describe('a VirtualService is refused for', () => {
  it.each([
    ['a route and a redirect', route('redirect: {uri: /x}'), /both route and redirect/],
    ['a route and an answer', route('directResponse: {status: 200}'), /both route and direct_response/],
    ['an empty fault', route('fault: {}'), /must have an abort/],
    ['an unknown gRPC status', route('fault: {abort: {grpcStatus: DOWN}}'), /gRPC status "DOWN"/],
    ['a percentage above 100', route('fault: {delay: {fixedDelay: 1s, percentage: {value: 101}}}'), /percentage 101/],
    ['a regex that is no RE2', route('match: [{uri: {regex: "("}}]'), /missing closing \)/],
    ['a look-ahead', route('match: [{uri: {regex: "(?=a)"}}]'), /unsupported Perl syntax/],
    ['an empty prefix of a header', route('match: [{headers: {a: {prefix: ""}}}]'), /should not be empty/],
    ['a match that is exact and prefix', route('match: [{uri: {exact: a, prefix: b}}]'), /only one of exact, prefix and regex/],
    ['a claim of a token', route('match: [{headers: {"@request.auth.claims.sub": {exact: a}}}]'), /only supported for gateways/],
    ['settings of switched-off retries', route('retries: {attempts: 0, retryOn: 5xx}'), /set to 0/],
    ['an unknown retry condition', route('retries: {attempts: 1, retryOn: sometimes}'), /"sometimes" is not a valid retryOn policy/],
    ['a space between retry conditions', route('retries: {attempts: 1, retryOn: "5xx, reset"}'), /write no spaces/],
    ['a pseudo-header in a response', route('headers: {response: {set: {":status": "200"}}}'), /invalid header ":status"/],
    ['an unfinished variable in a header', route('headers: {request: {set: {a: "%START"}}}'), /unfinished variable/],
    ['two authorities', route('rewrite: {authority: a}, headers: {request: {set: {host: b}}}'), /set multiple times/],
    ['an empty rewrite', route('rewrite: {}'), /at least one of uri/],
    ['a CORS age finer than seconds', route('corsPolicy: {maxAge: 1.5s}'), /seconds precision/],
    ['mirror and mirrors', route('mirror: {host: car}, mirrors: [{destination: {host: car}}]'), /both mirror and mirrors/],
    ['a negative weight', virtual('[{route: [{destination: {host: car}, weight: -1}]}]'), /weight -1 < 0/],
    ['no weight at all', virtual('[{route: [{destination: {host: car}}, {destination: {host: car}}]}]'), /total destination weight = 0/],
    ['overlapping hosts', virtual(`[{${TO_CAR}}]`, { hosts: '["*.local", car.rentcar.svc.cluster.local]' }), /duplicate hosts/],
    ['every host of the mesh', virtual(`[{${TO_CAR}}]`, { hosts: '["*"]' }), /wildcard host \* is not allowed/],
    ['no routes', virtual('[]'), /http, tcp or tls must be provided/],
  ])('%s', (_, document, message) => {
    expect(refusal(document)).toMatch(message);
  });
});

describe('header values', () => {
  it.each(['plain', '%HOSTNAME%', '100%%', '%REQ(x-a)% and %PROTOCOL%', '%PER_REQUEST_STATE(["a", "b"])%', ''])('%j is taken', (value) => {
    expect(refusal(route(`headers: {request: {set: {a: ${JSON.stringify(value)}}}}`))).toBe('');
  });

  it.each(['5%', '%A%%', '%A(b', 'a%b'])('%j is refused', (value) => {
    expect(refusal(route(`headers: {request: {set: {a: ${JSON.stringify(value)}}}}`))).toMatch(/header value/);
  });
});
