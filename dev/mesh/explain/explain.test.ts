import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { methodsOf } from '../contracts.ts';
import { laptopContext, readImage } from '../laptop.ts';
import type { PolicyContext } from '../policy-context.ts';
import { contextWith, destinationRule, virtualService } from '../testing.ts';
import { formatted } from './command.ts';
import { explain } from './explain.ts';
import { findCall, findCaller } from './names.ts';

const root = join(import.meta.dirname, '..', '..', '..');

/** The statements about a call by section: each with its lines in policy.yaml, or whose default it is. */
function explained(context: PolicyContext, caller: string, call: string): Record<string, string[]> {
  const { sections } = explain(context, findCall(context, findCaller(context, caller), call));
  return Object.fromEntries(
    sections.map(({ title, statements }) => [
      title,
      statements.map(({ text, places, otherwise }) => {
        const source = places.map(({ file, line }) => (file === 'policy.yaml' ? String(line) : `${file}:${line}`)).join(', ');
        return `${text}${source || otherwise ? ` [${source || otherwise}]` : ''}`;
      }),
    ]),
  );
}

describe('a call without any policy', () => {
  const said = explained(contextWith(''), 'reservation', 'car.CheckUpdateStock');

  it('is what Istio makes of it by default', () => {
    expect(said).toEqual({
      Route: [
        'No VirtualService that rentcar/reservation sees is about car.rentcar.svc.cluster.local: every path goes to it. [Istio default]',
      ],
      Destination: [
        'rentcar/car at car.rentcar.svc.cluster.local:50051. [services.yaml:4]',
        'No DestinationRule holds for it. [Istio default]',
      ],
      'The longest wait': [
        "No bound: neither a timeout nor a perTryTimeout is set. Only the caller's own deadline ends the wait. [Istio default]",
        'A deadline of the caller (grpc-timeout) holds as it is; then it gets its own DEADLINE_EXCEEDED. [Istio default]',
      ],
      Tries: [
        'Up to 3 tries: the first and 2 retries. [Istio default]',
        'Tried again if no connection came about; the replica refused the call before it worked on it; the answer is UNAVAILABLE; the answer is CANCELLED. Anything else goes to the caller as it is. [Istio default]',
        'Before a retry it waits at random: up to 25 ms before the first, up to 50 ms before the second. [Istio default]',
        'A single try has no timeout of its own: a slow try is waited for as long as the timeout of all lets it. [Istio default]',
        'A retry goes to another replica, if there is one. [Istio default]',
      ],
      "Limits of rentcar/reservation's sidecar": [
        'No limit on calls at once. [Istio default]',
        'No limit on calls that wait for a connection. [Istio default]',
        'No limit on retries at once: in trouble they multiply the load. [Istio default]',
        'No limit on connections. [Istio default]',
        'A connection has to stand within 10 s. [Istio default]',
      ],
      Ejection: ['A replica that fails is never left alone. [Istio default]'],
      'Load balancing': ['Of two replicas chosen at random, the one with fewer calls under way gets the call. [Istio default]'],
      'At rentcar/car': [
        "Each replica's own sidecar lets in every call. [Istio default]",
        'It adds no timeout and no retry: those of the caller hold. [no setting for it]',
      ],
    });
  });
});

describe('the longest wait', () => {
  const wait = (http: string, tcp = '') => {
    const rule = tcp === '' ? '' : `---\n${destinationRule('car', `connectionPool: {tcp: {${tcp}}}`)}`;
    return explained(contextWith(virtualService('car', http) + rule), 'reservation', 'car.GetCar')['The longest wait']?.[0];
  };

  it('is the timeout, whatever the tries would take', () => {
    expect(wait('timeout: 1s,\nretries: {attempts: 2, retryOn: reset}')).toBe(
      '1 s = timeout 1 s, which covers connecting, all tries and the waits between them. [5]',
    );
    expect(wait('timeout: 5s,\nretries: {attempts: 2, perTryTimeout: 4s, retryOn: reset}')).toMatch(/^5 s = timeout 5 s/);
  });

  it('is the sum of tries and waits, if that is less', () => {
    expect(wait('timeout: 5s,\nretries: {attempts: 2, perTryTimeout: 200ms, retryOn: reset}', 'connectTimeout: 100ms')).toBe(
      '975 ms = 3 × (100 ms to connect + 200 ms to answer) + waits of up to 25 ms + 50 ms. [6, 13]',
    );
    expect(wait('retries: {attempts: 1, perTryTimeout: 1s, retryOn: reset}')).toBe(
      '22.025 s = 2 × (10 s to connect + 1 s to answer) + waits of up to 25 ms. [5]',
    );
  });

  it('has the injected delay before it', () => {
    expect(wait('timeout: 1s,\nfault: {delay: {fixedDelay: 2s, percentage: {value: 50}}}')).toBe(
      '3 s = timeout 1 s, which covers connecting, all tries and the waits between them + 2 s of injected delay before it. [5]',
    );
  });

  it('of a caller from outside has the bound of the edge', () => {
    expect(explained(contextWith(''), 'edge', 'car.GetCar')['The longest wait']).toContain(
      "At the edge a unary call ends after 1 min in any case. [the edge's own bound]",
    );
  });
});

describe('the route', () => {
  const routes = (http: string) => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: car, namespace: rentcar}
spec:
  hosts: [car]
  http:
${http.replace(/^/gm, '    ')}
`;

  it('is the first that takes the path from this caller; those with conditions are named', () => {
    const context = contextWith(
      routes(`- name: edge-only
  match: [{sourceLabels: {app: edge}}]
  route: [{destination: {host: car}}]
- name: tests
  match: [{headers: {end-user: {exact: test}}, uri: {prefix: /rentcar}}]
  route: [{destination: {host: car}}]
- name: reads
  match: [{uri: {regex: ".*/Get.*"}}]
  timeout: 2s
  route: [{destination: {host: car}}]`),
    );
    expect(explained(context, 'reservation', 'car.GetCar').Route).toEqual([
      'If header end-user is "test": route "tests" of VirtualService rentcar/car, which is not explained here. [11]',
      'Otherwise: /rentcar.car.v1.CarService/GetCar takes route "reads" of VirtualService rentcar/car. [14]',
    ]);
    expect(explained(context, 'edge', 'car.GetCar').Route?.at(-1)).toContain('route "edge-only"');
    expect(explained(context, 'reservation', 'car.RegisterCar')).toEqual({
      Route: [
        expect.stringContaining('route "tests"'),
        "Otherwise: no route takes /rentcar.car.v1.CarService/RegisterCar: rentcar/reservation's sidecar answers UNIMPLEMENTED (HTTP 404).",
      ],
    });
  });

  it('of a delegate has the lines of both', () => {
    const context = contextWith(`${routes('- match: [{uri: {prefix: /rentcar}}]\n  timeout: 3s\n  delegate: {name: inner}')}---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: inner, namespace: rentcar}
spec:
  http:
    - match: [{uri: {prefix: /rentcar.car}}]
      retries: {attempts: 0}
      route: [{destination: {host: car}}]
`);
    const said = explained(context, 'reservation', 'car.GetCar');
    expect(said.Route?.at(-1)).toMatch(/VirtualService rentcar\/inner\. \[16\]$/);
    expect(said.Tries).toEqual(['One try: nothing is retried. [17]']);
    expect(said['The longest wait']?.[0]).toMatch(/^3 s = .*\[8\]$/);
  });

  it('to several destinations explains each', () => {
    const context = contextWith(`${routes(`- route:
    - {destination: {host: car, subset: v1}, weight: 90}
    - {destination: {host: car, subset: v2}, weight: 10}`)}---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: car, namespace: rentcar}
spec:
  host: car
  subsets:
    - {name: v1, labels: {version: v1}}
    - {name: v2, labels: {version: v2}, trafficPolicy: {connectionPool: {http: {http2MaxRequests: 3, maxRetries: 1}}}}
`);
    const said = explained(context, 'reservation', 'car.GetCar');
    expect(said["Limits of rentcar/reservation's sidecar (90 % of the calls: rentcar/car, subset v1)"]?.[0]).toBe(
      'No limit on calls at once. [Istio default]',
    );
    expect(said["Limits of rentcar/reservation's sidecar (10 % of the calls: rentcar/car, subset v2)"]?.[0]).toMatch(
      /^At most 3 calls at once .*\[18\]$/,
    );
  });

  it('may answer by itself', () => {
    const context = contextWith(routes('- directResponse: {status: 503}'));
    expect(explained(context, 'reservation', 'car.GetCar')).toEqual({
      Route: [expect.any(String), 'It answers HTTP 503 itself, and passes nothing on. [7]'],
    });
  });
});

describe('limits, ejection and balancing', () => {
  it('have the line that sets each, or whose default it is', () => {
    const context = contextWith(
      destinationRule(
        'car',
        `connectionPool: {http: {
         http2MaxRequests: 4,
         maxRetries: 2}},
         outlierDetection: {
         consecutiveGatewayErrors: 3,
         consecutive5xxErrors: 0,
         baseEjectionTime: 2s,
         maxEjectionPercent: 50},
         loadBalancer: {simple: ROUND_ROBIN}`,
      ),
      { cars: 2 },
    );
    const said = explained(context, 'reservation', 'car.GetCar');
    expect(said["Limits of rentcar/reservation's sidecar"]?.[0]).toMatch(
      /^At most 4 calls at once from one replica of rentcar\/reservation, .* never retried\. \[6\]$/,
    );
    expect(said.Ejection).toEqual([
      'After 3 in a row of UNAVAILABLE or DEADLINE_EXCEEDED, or without an answer, counted by each replica of rentcar/reservation for itself. [9]',
      'It is not called for 2 s, and 2 s longer each time that it fails again soon (4 s, 6 s, … at most 5 min). [11]',
      'Ejected replicas are looked at every 10 s, so the first ejection ends after 2 s to 12 s. [Envoy default]',
      'rentcar/car has 2 replicas on this laptop; at most 1 of them (50 %) is ejected at a time. [12]',
    ]);
    expect(said['Load balancing']).toEqual(['Replicas take turns. [13]']);
    expect(said['At rentcar/car']?.[0]).toMatch(/^Each replica's own sidecar lets in at most 4 calls at once.*\[6\]$/);
  });
});

describe('a rule for all services of a namespace', () => {
  const all = destinationRule(
    'all',
    `connectionPool: {http: {
     http2MaxRequests: 4}},
     outlierDetection: {
     consecutiveGatewayErrors: 3}`,
    '*.rentcar.svc.cluster.local',
  );

  it('has its own lines, at the caller and at the callee', () => {
    const said = explained(contextWith(all), 'edge', 'car.GetCar');
    expect(said.Destination).toContain('DestinationRule rentcar/all holds for it. [4]');
    expect(said["Limits of edge's sidecar"]?.[0]).toMatch(/^At most 4 calls at once .*\[6\]$/);
    expect(said.Ejection).toContainEqual(expect.stringMatching(/^After 3 in a row .*\[8\]$/));
    expect(said['At rentcar/car']?.[0]).toMatch(/ at most 4 calls at once.*\[6\]$/);
  });

  it('adds nothing to the rule of a single service', () => {
    const said = explained(
      contextWith(`${destinationRule('car', 'connectionPool: {http: {maxRetries: 2}}')}---\n${all}`),
      'edge',
      'car.GetCar',
    );
    expect(said.Destination).toContain('DestinationRule rentcar/car holds for it. [4]');
    expect(said["Limits of edge's sidecar"]?.[0]).toBe('No limit on calls at once. [Istio default]');
    expect(said.Ejection).toEqual(['A replica that fails is never left alone. [Istio default]']);
  });
});

describe('names', () => {
  const context = contextWith('');
  const asked = (caller: string, call: string) => () => findCall(context, findCaller(context, caller), call);

  it('that nothing has are answered by those that exist', () => {
    expect(asked('resrvation', 'car.GetCar')).toThrow(
      'there is no caller "resrvation"; did you mean "reservation"?\ncallers: rentcar/car, rentcar/reservation, edge',
    );
    expect(asked('edge', 'caar.GetCar')).toThrow(
      /edge sees no service "caar"; did you mean "car"\?\nservices: rentcar\/car, rentcar\/reservation\nmethods: rentcar\/car.RegisterCar/,
    );
    expect(asked('edge', 'car.GetCars')).toThrow(
      /car has no method "GetCars"; did you mean "GetCar"\?\nmethods: rentcar\/car.RegisterCar, rentcar\/car.GetCar/,
    );
    expect(asked('edge', 'car')).toThrow(/rentcar\/car has no method/);
  });

  it('can be written in several forms', () => {
    for (const call of [
      'car.GetCar',
      'rentcar.car.v1.CarService/GetCar',
      'car/rentcar.car.v1.CarService/GetCar',
      'car.rentcar.GetCar',
      'rentcar/car.GetCar',
    ])
      expect(asked('rentcar/reservation', call)()).toMatchObject({ path: '/rentcar.car.v1.CarService/GetCar', port: 50051 });
    expect(asked('edge', 'car/grpc.health.v1.Health/Check')()).toMatchObject({ path: '/grpc.health.v1.Health/Check', method: undefined });
  });
});

describe('the policies of this project', () => {
  const context = laptopContext(methodsOf(readImage()), [join(root, 'mesh')]);

  it('are explained with a line or a default behind every statement that is not a consequence', () => {
    const { title, sections } = explain(context, findCall(context, findCaller(context, 'rentcar/reservation'), 'car.CheckUpdateStock'));
    expect(title).toBe('rentcar/reservation → rentcar/car: rentcar.car.v1.CarService/CheckUpdateStock, idempotent');
    const bare = sections.flatMap(({ statements }) => statements).filter(({ places, otherwise }) => places.length === 0 && !otherwise);
    expect(bare.map(({ text }) => text)).toEqual([
      expect.stringMatching(/^Then the sidecar answers UNAVAILABLE/),
      expect.stringMatching(/^Unlike a refusal at the caller/),
    ]);
  });

  it('lead from one call to the next', () => {
    const text = formatted(explain(context, findCall(context, findCaller(context, 'edge'), 'rentcar/reservation.ReserveCar')));
    expect(text.replaceAll(/\s+/g, ' ')).toContain(
      'npm run mesh -- explain rentcar/reservation rentcar.car.v1.CarService/CheckUpdateStock',
    );
  });

  it('are explained for every caller and every method', () => {
    for (const caller of context.callers) {
      for (const method of context.methods.filter(({ host }) => caller.scope.service(host)))
        expect(explain(context, findCall(context, caller, method.path.slice(1))).sections.length).toBeGreaterThan(5);
    }
  });
});
