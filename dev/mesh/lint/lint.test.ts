import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PolicyError } from '../../../envoy/policy/source.ts';
import { methodsOf } from '../contracts.ts';
import { laptopContext, readImage } from '../laptop.ts';
import { adviceOf, advised, contextWith, destinationRule, SERVICES, virtualService } from '../testing.ts';
import { formatAdvice } from './command.ts';
import { lint, refusals } from './lint.ts';

const EXPORT_TO = 'networking.istio.io/exportTo';
const root = join(import.meta.dirname, '..', '..', '..');

describe('the policies of this project', () => {
  it('give no cause for advice', () => {
    expect(lint(laptopContext(methodsOf(readImage()), [join(root, 'mesh')]))).toEqual([]);
  });

  it('declare every call that a service makes', () => {
    const { calls } = laptopContext(methodsOf(readImage()), [join(root, 'mesh')]);
    const declared = calls.filter(({ within }) => within).map(({ caller, to }) => `${caller.name} → ${to.service.split('.').at(-1)}`);
    const made = readdirSync(join(root, 'services'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.parentPath.includes(join('services', 'kit')))
      .flatMap(({ parentPath, name }) => {
        const service = parentPath.split('/').slice(-2).join('/');
        const text = readFileSync(join(parentPath, name), 'utf8');
        return [...text.matchAll(/\.client\((\w+Service)Service\)/g)].map(([, to]) => `${service} → ${to}`);
      });
    expect([...new Set(declared)].sort()).toEqual([...new Set(made)].sort());
  });
});

describe('advice', () => {
  it('names the line, what is wrong, why it matters and what to write instead', () => {
    const [advice] = adviceOf('max-retries-unset', destinationRule('car', 'connectionPool: {http: {http2MaxRequests: 8}}'));
    expect(
      advice && formatAdvice(advice),
    ).toBe(`policy.yaml:5: warning: maxRetries is not set for car.rentcar.svc.cluster.local, so any number of retries can be under way at once [max-retries-unset]
    why:   Istio sets no limit of its own: when a service is in trouble, retries multiply its load just then
    write: connectionPool: { http: { http2MaxRequests: <calls at once>, maxRetries: <an eighth of them> } }
`);
  });

  it('is an error where Istio refuses the file', () => {
    const findings = ((): PolicyError | undefined => {
      try {
        contextWith(virtualService('car', 'timeut: 1s'));
      } catch (error) {
        return error instanceof PolicyError ? error : undefined;
      }
      return undefined;
    })()?.findings;
    expect(refusals(findings ?? [])).toMatchObject([
      {
        severity: 'error',
        file: 'policy.yaml',
        line: 5,
        rule: 'unknown-field',
        problem: expect.stringContaining('did you mean "timeout"?'),
      },
    ]);
  });

  it('tells what Istio acts on and nothing does here', () => {
    expect(advised('not-generated', destinationRule('car', 'loadBalancer: {simple: PASSTHROUGH}'))).toEqual([
      '5: simple PASSTHROUGH: no effect here, only on a cluster (calls are not redirected, so they have no original destination, and fail)',
    ]);
    expect(advised('not-generated', destinationRule('car', 'loadBalancer:\n{localityLbSetting: {enabled: true}}'))).toEqual([
      '6: localityLbSetting: no effect here, only on a cluster (replicas have no region or zone)',
    ]);
  });

  it('tells what a ServiceEntry says in vain', () => {
    const entry = `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: api, namespace: rentcar}
spec:
  hosts: [api.example.com]
  ports: [{number: 80, name: http, protocol: HTTP}]
  resolution: STATIC
  subjectAltNames: [spiffe://api]
  endpoints: [{address: 192.0.2.1, weight: 2}]
`;
    expect(advised('not-generated', entry)).toEqual([
      '8: subjectAltNames: no effect here, only on a cluster (sidecars do not encrypt, so no certificate is checked)',
      '9: weight: no effect here, only on a cluster (all endpoints are called alike)',
    ]);
  });

  it('is given once for a line, however many callers it concerns', () => {
    expect(advised('unknown-host', virtualService('cars', 'timeout: 1s')).filter((line) => line.startsWith('4:'))).toHaveLength(1);
  });
});

describe('retries', () => {
  it('that do not fit into the timeout are counted out', () => {
    const route = virtualService('car', 'timeout: 1s,\nretries: {attempts: 2, perTryTimeout: 500ms, retryOn: "reset"}');
    expect(adviceOf('retry-exceeds-timeout', route)).toMatchObject([
      {
        line: 6,
        problem: '3 tries of 500 ms with up to 75 ms between them take 1.575 s, the timeout of the route is 1 s',
        instead: 'timeout: 1.575s, or perTryTimeout: 308ms, or attempts: 0',
      },
    ]);
    expect(advised('retry-exceeds-timeout', route.replace('1s,', '1600ms,'))).toEqual([]);
  });

  it('after a try that may use up the whole timeout never come', () => {
    expect(
      advised('retry-exceeds-timeout', virtualService('car', 'timeout: 1s,\nretries: {attempts: 2, perTryTimeout: 1s, retryOn: reset}')),
    ).toEqual(['6: perTryTimeout 1 s is not shorter than the timeout 1 s of all tries together']);
  });

  it('whose waits alone are longer than the timeout are told', () => {
    expect(advised('retry-exceeds-timeout', virtualService('car', 'timeout: 200ms,\nretries: {attempts: 2, backoff: 100ms}'))).toEqual([
      '6: the waits before 2 retries are up to 300 ms together, the timeout of the route is 200 ms',
    ]);
  });

  it('are not made of what perTryTimeout ends unless retryOn says so', () => {
    const route = (retryOn: string) =>
      virtualService('car', `timeout: 9s,\nretries: {attempts: 1, perTryTimeout: 1s, retryOn: "${retryOn}"}`);
    expect(advised('per-try-timeout-ends-call', route('unavailable'))).toHaveLength(1);
    expect(advised('per-try-timeout-ends-call', route('unavailable,reset'))).toEqual([]);
  });

  it('of a method that may not be repeated are told for failures that may come after the work', () => {
    const route = (retryOn: string) => virtualService('car', `retries: {attempts: 2, retryOn: "${retryOn}"}`);
    expect(advised('retry-not-idempotent', route('connect-failure,unavailable,503'))).toEqual([
      expect.stringMatching(/^5: rentcar\.car\.v1\.CarService\/RegisterCar is retried on `unavailable` and `503`, and/),
      expect.stringMatching(/no VirtualService is about reservation/),
    ]);
    expect(advised('retry-not-idempotent', route('connect-failure,refused-stream')).filter((line) => line.includes('RegisterCar'))).toEqual(
      [],
    );
  });

  it("come from Istio's default where a route says nothing", () => {
    expect(advised('retry-not-idempotent', virtualService('car', 'timeout: 1s'))[0]).toMatch(
      /^4: .*RegisterCar is retried on `unavailable` and `cancelled`, by Istio's default/,
    );
  });

  it('are looked for on the route that the method takes', () => {
    const routes = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: car, namespace: rentcar}
spec:
  hosts: [car]
  http:
    - match: [{uri: {prefix: /rentcar.car.v1.CarService/Get}}]
      retries: {attempts: 2, retryOn: unavailable}
      route: [{destination: {host: car}}]
    - match: [{headers: {end-user: {exact: test}}}]
      retries: {attempts: 2, retryOn: reset}
      route: [{destination: {host: car}}]
    - retries: {attempts: 0}
      route: [{destination: {host: car}}]
`;
    expect(advised('retry-not-idempotent', routes).filter((line) => line.includes('CarService'))).toEqual([
      expect.stringMatching(/^11: .*RegisterCar is retried on `reset`/),
    ]);
  });
});

describe('limits', () => {
  const rule = (http: string, tcp = '{}') => destinationRule('car', `connectionPool: {http: {\n${http}},\ntcp: ${tcp}}`);

  it('that another one hides are told', () => {
    expect(advised('limit-never-reached', rule('http2MaxRequests: 4,\nmaxRetries: 8,\nhttp1MaxPendingRequests: 9'))).toEqual([
      '7: maxRetries 8 is more than http2MaxRequests 4',
      '8: http1MaxPendingRequests 9 is more than http2MaxRequests 4',
    ]);
    expect(
      advised('limit-never-reached', rule('http2MaxRequests: 100,\nmaxConcurrentStreams: 10,\nmaxRetries: 1', '{maxConnections: 2}')),
    ).toEqual(['6: http2MaxRequests 100 is never reached']);
    expect(
      advised('limit-never-reached', rule('http2MaxRequests: 32,\nhttp1MaxPendingRequests: 32,\nmaxRetries: 4', '{maxConnections: 2}')),
    ).toEqual([]);
  });

  it('for HTTP/1 are no limits for gRPC', () => {
    expect(advised('limit-not-for-http2', rule('http1MaxPendingRequests: 1,\nmaxRetries: 1'))).toEqual([expect.stringMatching(/^6: /)]);
    // With one call on a connection, every call waits for one.
    expect(advised('limit-not-for-http2', rule('http1MaxPendingRequests: 1,\nmaxRequestsPerConnection: 1,\nmaxRetries: 1'))).toEqual([]);
  });

  it('of retries have to be set, unless there is a budget or nothing is retried', () => {
    const of = (text: string) => advised('max-retries-unset', text).filter((line) => line.includes('car.rentcar'));
    expect(of('')).toEqual(['2: car.rentcar.svc.cluster.local has no DestinationRule: no limit on calls and none on retries at once']);
    expect(of(rule('http2MaxRequests: 4'))).toEqual([expect.stringMatching(/^5: maxRetries is not set/)]);
    expect(of(rule('http2MaxRequests: 4,\nmaxRetries: 1'))).toEqual([]);
    expect(of(destinationRule('car', 'retryBudget: {percent: 20}'))).toEqual([]);
    expect(of(`${rule('http2MaxRequests: 4')}---\n${virtualService('car', 'retries: {attempts: 0}')}`)).toEqual([]);
  });
});

describe('an outlier rule', () => {
  const rule = (fields: string) => destinationRule('car', `outlierDetection: {\n${fields}}`);

  it('that cannot eject is told by the replicas that there are', () => {
    expect(advised('outlier-cannot-eject', rule('consecutive5xxErrors: 5'), { cars: 2 })).toEqual([
      '5: maxEjectionPercent 10 (the default) lets no replica be ejected: car has 2 replicas on this laptop',
    ]);
    expect(advised('outlier-cannot-eject', rule('maxEjectionPercent: 40'), { cars: 2 })).toHaveLength(1);
    expect(advised('outlier-cannot-eject', rule('maxEjectionPercent: 50'), { cars: 2 })).toEqual([]);
    expect(advised('outlier-cannot-eject', rule('maxEjectionPercent: 40'), { cars: 1 })).toHaveLength(1);
    expect(advised('outlier-cannot-eject', rule('maxEjectionPercent: 50'), { cars: 1 })).toEqual([]);
    expect(advised('outlier-cannot-eject', rule('consecutive5xxErrors: 5'), { cars: 10 })).toEqual([]);
  });

  it('believes a Deployment before the pods of the laptop', () => {
    const deployment = `---
apiVersion: apps/v1
kind: Deployment
metadata: {name: car, namespace: rentcar}
spec: {replicas: 10, template: {metadata: {labels: {app: car}}}}
`;
    expect(advised('outlier-cannot-eject', rule('consecutive5xxErrors: 5') + deployment)).toEqual([]);
  });

  it('is undone by a minHealthPercent that an ejection falls below', () => {
    expect(advised('outlier-cannot-eject', rule('maxEjectionPercent: 100,\nminHealthPercent: 60'), { cars: 2 })).toEqual([
      '7: minHealthPercent 60 undoes every ejection: car has 2 replicas on this laptop',
    ]);
  });

  it('without any count, or with one that another hides, does nothing', () => {
    expect(advised('outlier-ejects-nothing', rule('consecutive5xxErrors: 0'))).toHaveLength(1);
    expect(advised('limit-never-reached', rule('consecutiveGatewayErrors: 9'))).toEqual([
      '6: consecutiveGatewayErrors 9 is more than consecutive5xxErrors 5 (the default)',
    ]);
  });
});

describe('layers', () => {
  const outer = (fields: string) => virtualService('reservation', fields);
  const inner = (fields: string) => `---\n${virtualService('car', fields)}`;

  it('that retry the same failure are told, with what one call becomes', () => {
    const policies = outer('retries: {attempts: 2, retryOn: "unavailable"}') + inner('retries: {attempts: 3, retryOn: "connect-failure"}');
    const [advice] = adviceOf('two-layers-retry', policies);
    expect(advice?.line).toBe(5);
    expect(advice?.problem).toBe(
      'two layers retry the same failure: edge → rentcar/reservation.ReserveCar (3 tries, on unavailable) and below it rentcar/reservation → rentcar/car.CheckUpdateStock (4 tries, policy.yaml:12)',
    );
    expect(advice?.why).toContain('one call becomes 12');
  });

  it('of which one retries only what never arrived are well', () => {
    const policies =
      outer('retries: {attempts: 2, retryOn: "connect-failure,refused-stream"}') + inner('retries: {attempts: 3, retryOn: "unavailable"}');
    expect(advised('two-layers-retry', policies)).toEqual([]);
    expect(advised('two-layers-retry', outer('retries: {attempts: 2, retryOn: unavailable}') + inner('retries: {attempts: 0}'))).toEqual(
      [],
    );
  });

  it("retry twice by Istio's default", () => {
    expect(advised('two-layers-retry', '')).toHaveLength(1);
  });

  it('must not give up before the layer below', () => {
    expect(advised('gives-up-before-callee', outer('timeout: 1s') + inner('timeout: 2s'))).toEqual([
      '5: edge → rentcar/reservation.ReserveCar waits 1 s, and rentcar/reservation → rentcar/car.CheckUpdateStock below it up to 2 s (policy.yaml:12)',
    ]);
    expect(advised('gives-up-before-callee', outer('timeout: 2s') + inner('timeout: 1s'))).toEqual([]);
  });

  it('pass blame on where a dependency ejects its caller', () => {
    const rule = (fields: string) => destinationRule('reservation', `outlierDetection: {\n${fields}}`);
    expect(advised('dependency-ejects-caller', rule('consecutiveGatewayErrors: 3'))).toEqual([
      '5: 5 failures of rentcar.car.v1.CarService/CheckUpdateStock in a row eject rentcar/reservation, which only passes them on (consecutive5xxErrors, the default)',
    ]);
    expect(advised('dependency-ejects-caller', rule('splitExternalLocalOriginErrors: true,\nconsecutive5xxErrors: 7'))).toEqual([
      expect.stringMatching(/^7: 7 failures of/),
    ]);
    const own = 'splitExternalLocalOriginErrors: true,\nconsecutive5xxErrors: 0,\nconsecutiveGatewayErrors: 0';
    expect(advised('dependency-ejects-caller', rule(own))).toEqual([]);
    expect(advised('dependency-ejects-caller', destinationRule('car', 'outlierDetection: {consecutiveGatewayErrors: 3}'))).toEqual([]);
  });

  it('call only what is exported to them', () => {
    const exported = (scopes: string) => ({
      services: SERVICES.replace(
        '{name: car, namespace: rentcar}',
        `{name: car, namespace: rentcar, annotations: {${EXPORT_TO}: "${scopes}"}}`,
      ),
    });
    const [advice, ...more] = adviceOf('callee-not-exported', '', exported('edge'));
    expect(more).toEqual([]);
    expect(advice).toMatchObject({
      file: 'services.yaml',
      problem: 'rentcar/car is not exported to the namespace rentcar, where rentcar/reservation calls it',
      instead: `${EXPORT_TO}: edge,.`,
    });
    expect(adviceOf('callee-not-exported', '', exported('.'))).toMatchObject([{ instead: `${EXPORT_TO}: .,edge` }]);
    for (const scopes of ['edge,.', 'edge,rentcar', '*', ''])
      expect(adviceOf('callee-not-exported', '', exported(scopes)), scopes).toEqual([]);
  });

  it('are known from declarations that name methods of contracts', () => {
    const other = `apiVersion: v1
kind: Service
metadata:
  name: rental
  namespace: rentcar
  annotations:
    rentmesh/calls: Allocate -> rentcar.car.v1.CarService/GetCars
spec: {selector: {app: rental}, ports: [{name: grpc, port: 50051}]}
`;
    expect(advised('unknown-call', other)).toEqual([
      '7: rentmesh/calls: rental has no method "Allocate"',
      '7: rentmesh/calls: no contract has a method "rentcar.car.v1.CarService/GetCars"; did you mean "rentcar.car.v1.CarService/GetCar"?',
    ]);
  });
});
