import { describe, expect, it } from 'vitest';
import { meshOf, rule, TO_CAR, virtual } from '../testing/mesh.ts';
import { CLUSTER_ONLY_FIELDS, describeField } from './fields.ts';

const entry = (spec: string) =>
  `apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: x}\nspec: {hosts: [a.example], ${spec}}\n`;
const workload = (field: string) =>
  `apiVersion: networking.istio.io/v1\nkind: WorkloadEntry\nmetadata: {name: x}\nspec: {address: 192.0.2.1, ${field}}\n`;
const service = (spec: string) => `apiVersion: v1\nkind: Service\nmetadata: {name: x}\nspec: ${spec}\n`;
const policy = (field: string) => rule(`{host: car, trafficPolicy: {${field}}}`);

/** An example of each field, by kind and field, or by kind, field and values where a field has several. */
const EXAMPLES: Readonly<Record<string, string>> = {
  'Service type ExternalName': service('{type: ExternalName}'),
  'Service clusterIP None': service('{clusterIP: None}'),
  'Service ports.targetPort by name': service('{ports: [{port: 80, targetPort: web}]}'),
  'DestinationRule trafficPolicy.tls.mode other than DISABLE': policy('tls: {mode: SIMPLE}'),
  'DestinationRule trafficPolicy.tunnel': policy('tunnel: {targetHost: a.example, targetPort: 80}'),
  'DestinationRule trafficPolicy.proxyProtocol': policy('proxyProtocol: {version: V1}'),
  'DestinationRule trafficPolicy.loadBalancer.simple PASSTHROUGH': policy('loadBalancer: {simple: PASSTHROUGH}'),
  'DestinationRule trafficPolicy.loadBalancer.localityLbSetting': policy('loadBalancer: {localityLbSetting: {enabled: true}}'),
  'DestinationRule trafficPolicy.loadBalancer.zoneAwareLbSetting': policy('loadBalancer: {zoneAwareLbSetting: {enabled: true}}'),
  'VirtualService tls': `${virtual(`[{${TO_CAR}}]`).trim().slice(0, -1)}, tls: [{match: [{sniHosts: [car.rentcar.svc.cluster.local]}], ${TO_CAR}}]}`,
  'VirtualService tcp': `${virtual(`[{${TO_CAR}}]`).trim().slice(0, -1)}, tcp: [{${TO_CAR}}]}`,
  'VirtualService gateways other than mesh': `${virtual(`[{${TO_CAR}}]`).trim().slice(0, -1)}, gateways: [mesh, x]}`,
  'VirtualService http.retries.retryRemoteLocalities': virtual(`[{retries: {attempts: 1, retryRemoteLocalities: true}, ${TO_CAR}}]`),
  'ServiceEntry resolution NONE': entry(''),
  'ServiceEntry resolution DYNAMIC_DNS': entry('resolution: DYNAMIC_DNS').replace('a.example', '"*.example"'),
  'ServiceEntry subjectAltNames': entry('resolution: DNS, subjectAltNames: [a]'),
  ...Object.fromEntries(
    ['weight: 2', 'locality: a', 'network: a', 'serviceAccount: a'].flatMap((field) => [
      [`ServiceEntry endpoints.${field.split(':')[0]}`, entry(`resolution: STATIC, endpoints: [{address: 192.0.2.1, ${field}}]`)],
      [`WorkloadEntry ${field.split(':')[0]}`, workload(field)],
    ]),
  ),
};

function findings(document: string): string[] {
  try {
    return meshOf(document).warnings.map(({ message }) => message);
  } catch (error) {
    return String(error).split('\n');
  }
}

describe('a field that only a cluster acts on', () => {
  it.each(CLUSTER_ONLY_FIELDS.map((each) => [`${each.kind} ${each.field}${each.values ? ` ${each.values}` : ''}`, each] as const))(
    'is reported: %s',
    (name, field) => {
      const found = findings(EXAMPLES[name] ?? '').filter((message) => message.includes(describeField(field)));
      expect(found).toHaveLength(1);
      expect(/^PolicyError/.test(found[0] ?? '')).toBe(field.isRefused === true);
    },
  );

  it('is reported in subsets and for ports, each at its place', () => {
    const balancer = 'loadBalancer: {localityLbSetting: {enabled: true}}';
    const text = `{host: car, subsets: [{name: v1, trafficPolicy: {${balancer},\n portLevelSettings: [{port: {number: 50051}, ${balancer}}]}}]}`;
    const { warnings } = meshOf(rule(text));
    expect(warnings.filter(({ message }) => message.startsWith('localityLbSetting')).map(({ line }) => line)).toHaveLength(2);
  });

  it('is not reported if it is empty, or has another value', () => {
    expect(findings(policy('tls: {mode: DISABLE}, loadBalancer: {simple: RANDOM}'))).toEqual([]);
    expect(findings(workload('weight: 0'))).toEqual([]);
  });
});
