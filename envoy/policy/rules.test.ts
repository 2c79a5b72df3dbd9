import { describe, expect, it } from 'vitest';
import { at, clusterIn, RESERVATION, rule, scopeWith } from '../testing/mesh.ts';

/** The limit of calls at once that the rules set for calls to car. */
function limit(documents: string[], proxy = RESERVATION) {
  return at(clusterIn(scopeWith(documents, proxy)), 'circuit_breakers', 'thresholds', 0, 'max_requests');
}

function limiting(requests: number, { host = 'car.rentcar.svc.cluster.local', more = '' } = {}): string {
  return `{host: "${host}", trafficPolicy: {connectionPool: {http: {http2MaxRequests: ${requests}}}}${more}}`;
}

const PAYMENT = { namespace: 'starcoffee', labels: { app: 'payment' } };
const NONE = 2 ** 32 - 1;

describe('the rule for a call', () => {
  it('is the one with the most specific host', () => {
    expect(
      limit([rule(limiting(1, { host: '*.svc.cluster.local' }), { name: 'a' }), rule(limiting(2, { host: 'car' }), { name: 'b' })]),
    ).toBe(2);
  });

  it("is looked for in the caller's namespace first, even if it is less specific there", () => {
    const documents = [rule(limiting(1)), rule(limiting(2, { host: '*.local' }), { namespace: 'starcoffee' })];
    expect(limit(documents, PAYMENT)).toBe(2);
    expect(limit(documents)).toBe(1);
  });

  it('is not seen from namespaces that it is not exported to', () => {
    expect(limit([rule(limiting(1, { more: ', exportTo: ["."]' }))], PAYMENT)).toBe(NONE);
    expect(limit([rule(limiting(1, { more: ', exportTo: [starcoffee]' }))], PAYMENT)).toBe(1);
    expect(limit([rule(limiting(1, { more: ', exportTo: [starcoffee]' }))])).toBe(NONE);
  });

  it('holds everywhere if it is in the root namespace and nothing nearer is said', () => {
    expect(limit([rule(limiting(3, { host: '*' }), { namespace: 'istio-system' })], PAYMENT)).toBe(3);
  });

  it('may be for callers with certain labels', () => {
    const selected = rule(limiting(1, { more: ', workloadSelector: {matchLabels: {app: reservation}}' }), { name: 'z' });
    const others = rule(limiting(2), { name: 'a' });
    expect(limit([selected, others])).toBe(1);
    expect(limit([selected, others], { namespace: 'rentcar', labels: { app: 'rental' } })).toBe(2);
  });

  it('is put together from several with one host: the first policy, all subsets', () => {
    const scope = scopeWith([
      rule(`{host: car, subsets: [{name: v1, labels: {version: v1}}], trafficPolicy: {connectionPool: {http: {http2MaxRequests: 9}}}}`, {
        name: 'a',
      }),
      rule(`{host: car, subsets: [{name: v2, labels: {version: v2}}], trafficPolicy: {connectionPool: {http: {http2MaxRequests: 5}}}}`, {
        name: 'b',
      }),
    ]);
    for (const subset of ['', 'v1', 'v2']) {
      const cluster = clusterIn(scope, `outbound|50051|${subset}|car.rentcar.svc.cluster.local`);
      expect(at(cluster, 'circuit_breakers', 'thresholds', 0, 'max_requests')).toBe(9);
    }
  });
});
