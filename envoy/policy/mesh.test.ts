import { describe, expect, it } from 'vitest';
import { meshOf, rule, SERVICES, TO_CAR, virtual } from '../testing/mesh.ts';
import { readMesh } from './mesh.ts';
import { formatFinding } from './source.ts';

function refusal(text: string): string {
  try {
    readMesh([{ file: 'car.yaml', text }]);
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe('reading policy', () => {
  it('tells an unknown field with its place and what was probably meant', () => {
    const text = rule(
      '\n  host: car.rentcar.svc.cluster.local\n  trafficPolicy:\n    connectionPool:\n      http:\n        http2MaxRequest: 5',
    );
    expect(refusal(text)).toBe(
      'car.yaml:9: unknown field "spec.trafficPolicy.connectionPool.http.http2MaxRequest"; did you mean "http2MaxRequests"?',
    );
  });

  it('tells every defect of every document', () => {
    const text = [rule('{host: "", subsets: [{name: v1}, {name: v1}]}'), virtual('[{timeout: 1s}]')].join('---\n');
    expect(refusal(text).split('\n')).toEqual([
      'car.yaml:4: empty domain name not allowed',
      'car.yaml:4: duplicate subset names: v1',
      'car.yaml:9: HTTP route, redirect or direct_response is required',
    ]);
  });

  it('tells wrong types and ranges', () => {
    expect(refusal(rule('{host: car, trafficPolicy: {connectionPool: {http: {maxRetries: "3"}}}}'))).toMatch(
      /maxRetries: .*expected number/,
    );
    expect(refusal(rule('{host: car, trafficPolicy: {outlierDetection: {interval: 5}}}'))).toMatch(/interval: .*expected string/);
    expect(refusal(virtual(`[{timeout: soon, ${TO_CAR}}]`))).toMatch(/"soon" is not a duration/);
  });

  it('reads booleans as Kubernetes does, so that a text that looks like one has to be quoted', () => {
    expect(refusal(virtual(`[{match: [{headers: {x-chaos: {exact: on}}}], ${TO_CAR}}]`))).toMatch(/x-chaos.exact: .*expected string/);
  });

  it('tells YAML that cannot be read', () => {
    expect(refusal('kind: [')).toMatch(/^car.yaml:1: /);
  });

  it('tells a kind that Istio does not have', () => {
    expect(refusal('apiVersion: networking.istio.io/v1\nkind: DestinationRules\nmetadata: {name: x}\nspec: {}')).toBe(
      'car.yaml:2: Istio has no kind DestinationRules in networking.istio.io; did you mean "DestinationRule"?',
    );
  });

  it('passes over Kubernetes objects that do not route', () => {
    expect(refusal(`${SERVICES}---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: car}\nspec: {replicas: 2}`)).toBe('');
  });

  it.each([
    [
      'a host that no service has',
      rule('{host: cars.rentcar.svc.cluster.local}'),
      /no service has the host cars.*did you mean "car\.rentcar/,
    ],
    [
      'a subset that no rule defines',
      virtual('[{route: [{destination: {host: car, subset: v9}}]}]'),
      /no DestinationRule of car\.rentcar\.svc\.cluster\.local defines subset "v9"/,
    ],
    [
      'a port that the service does not have',
      virtual('[{route: [{destination: {host: car, port: {number: 80}}}]}]'),
      /has no port 80; it has 50051/,
    ],
    ['a route that nothing reaches', virtual(`[{${TO_CAR}}, {${TO_CAR}}]`), /nothing reaches this route/],
    ['a delay of no request', virtual(`[{fault: {delay: {fixedDelay: 1s}}, ${TO_CAR}}]`), /delays no request/],
    [
      'a kind that has no effect here',
      'apiVersion: networking.istio.io/v1alpha3\nkind: EnvoyFilter\nmetadata: {name: x}\nspec: {}',
      /no effect here/,
    ],
  ])('warns of %s', (_, document, message) => {
    expect(meshOf(document).warnings.map(formatFinding).join('\n')).toMatch(message);
  });

  it.each(['{mode: ISTIO_MUTUAL}', '{mode: SIMPLE}', '{mode: MUTUAL, credentialName: a}'])(
    'refuses TLS %s, which these sidecars cannot make: the calls would be in plaintext',
    (tls) => {
      for (const policy of [`{tls: ${tls}}`, `{portLevelSettings: [{port: {number: 50051}, tls: ${tls}}]}`])
        expect(() => meshOf(rule(`{host: car, trafficPolicy: ${policy}}`))).toThrow(/needs Istio: .* would send in plaintext/);
      expect(() => meshOf(rule(`{host: car, subsets: [{name: v1, trafficPolicy: {tls: ${tls}}}]}`))).toThrow(/plaintext/);
    },
  );

  it('takes TLS that is switched off', () => {
    expect(meshOf(rule('{host: car, trafficPolicy: {tls: {mode: DISABLE}}}')).warnings).toEqual([]);
  });

  it('names what only a cluster acts on, and does not warn of it', () => {
    const { warnings, clusterOnly } = meshOf('apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: x}\nspec: {}');
    expect(warnings).toEqual([]);
    expect(clusterOnly.map(({ message }) => message)).toEqual(['PeerAuthentication']);
  });
});
