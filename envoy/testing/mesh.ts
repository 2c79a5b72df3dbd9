import { clustersFor } from '../generate/clusters.ts';
import { routesFor } from '../generate/routes.ts';
import type { Json, Message } from '../json.ts';
import { type Mesh, readMesh } from '../policy/mesh.ts';
import { type Caller, type Scope, scopeOf } from '../policy/scope.ts';

/** Two services and the pods behind one of them, for tests of rules about them. */
export const SERVICES = `
apiVersion: v1
kind: Service
metadata: {name: car, namespace: rentcar}
spec: {selector: {app: car}, ports: [{name: grpc, port: 50051, appProtocol: grpc}]}
---
apiVersion: v1
kind: Service
metadata: {name: payment, namespace: starcoffee}
spec: {selector: {app: payment}, ports: [{name: grpc, port: 50051, appProtocol: grpc}, {name: http, port: 8080}]}
`;

/** The caller of most tests. */
export const RESERVATION: Caller = { namespace: 'rentcar', labels: { app: 'reservation', version: 'v1' } };

/** The cluster for calls to car. */
export const CAR = 'outbound|50051||car.rentcar.svc.cluster.local';

/** A DestinationRule in namespace rentcar; `spec` is YAML in flow style. */
export function rule(spec: string, { name = 'car', namespace = 'rentcar' } = {}): string {
  return `apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: ${spec}\n`;
}

/** A VirtualService for car in namespace rentcar; `http` is its routes as YAML in flow style. */
export function virtual(http: string, { name = 'car', namespace = 'rentcar', hosts = '[car.rentcar.svc.cluster.local]' } = {}): string {
  return `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: ${name}, namespace: ${namespace}}\nspec: {hosts: ${hosts}, http: ${http}}\n`;
}

/** A destination as YAML in flow style. */
export const TO_CAR = 'route: [{destination: {host: car.rentcar.svc.cluster.local}}]';

/** The services above with more documents. */
export function meshOf(...documents: string[]): Mesh {
  return readMesh([{ file: 'policy.yaml', text: [SERVICES, ...documents].join('---\n') }]);
}

/** What the documents mean to a caller. */
export function scopeWith(documents: readonly string[], proxy: Caller = RESERVATION): Scope {
  return scopeOf(meshOf(...documents), proxy);
}

/** A cluster by its name. */
export function clusterIn(scope: Scope, name = CAR): Message | undefined {
  return clustersFor(scope).find((cluster) => cluster.name === name);
}

/** The routes of a virtual host by its name. */
export function routesIn(scope: Scope, name = 'car.rentcar.svc.cluster.local:50051'): Message[] {
  const hosts = routesFor(scope).flatMap((configuration) => messages(configuration.virtual_hosts));
  return messages(hosts.find((host) => host.name === name)?.routes);
}

/** A list of messages, or none. */
export function messages(value: Json | undefined): Message[] {
  return Array.isArray(value) ? value : [];
}

/** A field below a message by its path. */
export function at(value: Json | undefined, ...path: (string | number)[]): Json | undefined {
  return path.reduce<Json | undefined>((node, step) => {
    if (Array.isArray(node)) return typeof step === 'number' ? node[step] : undefined;
    return node !== null && typeof node === 'object' ? Object.entries(node).find(([key]) => key === step)?.[1] : undefined;
  }, value);
}
