import { readMesh } from '../../envoy/policy/mesh.ts';
import type { Workload } from '../../envoy/sidecar/clusters.ts';
import type { Idempotency, Method } from './contracts.ts';
import { deploymentsOf } from './deployments.ts';
import type { Advice } from './lint/advice.ts';
import { lint } from './lint/lint.ts';
import { type PolicyContext, policyContextOf } from './policy-context.ts';

/** Services as most tests have them: reservation calls car to answer ReserveCar. */
export const SERVICES = `
apiVersion: v1
kind: Service
metadata: {name: car, namespace: rentcar}
spec: {selector: {app: car}, ports: [{name: grpc, port: 50051, appProtocol: grpc}]}
---
apiVersion: v1
kind: Service
metadata:
  {name: reservation, namespace: rentcar, annotations: {rentmesh/calls: ReserveCar -> rentcar.car.v1.CarService/CheckUpdateStock}}
spec: {selector: {app: reservation}, ports: [{name: grpc, port: 50051, appProtocol: grpc}]}
`;

function method(service: string, name: string, idempotency: Idempotency, isPublic = true): Method {
  const full = `rentcar.${service.toLowerCase()}.v1.${service}Service`;
  return {
    service: full,
    name,
    path: `/${full}/${name}`,
    host: `${service.toLowerCase()}.rentcar.svc.cluster.local`,
    idempotency,
    isPublic,
  };
}

/** Contracts of the services above. */
export const METHODS: readonly Method[] = [
  method('Car', 'RegisterCar', 'UNKNOWN'),
  method('Car', 'GetCar', 'NO_SIDE_EFFECTS'),
  method('Car', 'CheckUpdateStock', 'IDEMPOTENT', false),
  method('Reservation', 'ReserveCar', 'UNKNOWN'),
  method('Reservation', 'GetReservation', 'NO_SIDE_EFFECTS'),
];

function workload(app: string, replica: number, namespace = 'rentcar'): Workload {
  return { name: `${app}-${replica}`, namespace, address: `127.0.0.${replica}`, labels: { app, version: 'v1' }, serviceAccount: app };
}

/** What policies are tested with. */
export interface Surroundings {
  /** Number of replicas of car. */
  readonly cars?: number;
  readonly services?: string;
}

/** Returns the context of policies. */
export function contextWith(text: string, { cars = 1, services = SERVICES }: Surroundings = {}): PolicyContext {
  const files = [
    { file: 'services.yaml', text: services },
    { file: 'policy.yaml', text },
  ];
  const workloads = [
    ...Array.from({ length: cars }, (_, i) => workload('car', i + 1)),
    workload('reservation', 1),
    { ...workload('edge', 1, 'edge'), name: 'edge' },
  ];
  return policyContextOf({ mesh: readMesh(files), methods: METHODS, workloads, deployments: deploymentsOf(files) });
}

/** Advice of one kind on some policies, as `line: problem`. */
export function advised(rule: string, text: string, options: Surroundings = {}): string[] {
  return adviceOf(rule, text, options).map(({ line, problem }) => `${line}: ${problem}`);
}

/** Advice of one kind on some policies. */
export function adviceOf(rule: string, text: string, options: Surroundings = {}): Advice[] {
  return lint(contextWith(text, options)).filter((advice) => advice.rule === rule);
}

/** A VirtualService for a service; `http` is YAML in flow style, one field a line from line 5 on. */
export function virtualService(service: string, http: string): string {
  return `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${service}, namespace: rentcar}
spec: {hosts: [${service}], http: [{
${http.trim().replace(/^\s*/gm, '  ')},
  route: [{destination: {host: ${service}}}]}]}
`;
}

/** A DestinationRule for a service or a pattern of hosts; `policy` is YAML in flow style, one field a line from line 5 on. */
export function destinationRule(name: string, policy: string, host = name): string {
  return `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: ${name}, namespace: rentcar}
spec: {host: "${host}", trafficPolicy: {
${policy.trim().replace(/^\s*/gm, '  ')}
  }}
`;
}
