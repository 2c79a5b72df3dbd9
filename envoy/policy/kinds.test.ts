import { describe, expect, it } from 'vitest';
import { meshOf } from '../testing/mesh.ts';
import { KINDS } from './kinds.ts';
import { fieldsAt } from './parse.ts';
import { type CrdSchema, istioCrds } from './schema/crd.ts';
import { formatFinding } from './source.ts';

const istio = KINDS.filter(({ group }) => group.endsWith('.istio.io'));

function object(apiVersion: string, kind: string, spec = '{}'): string {
  return `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: x}\nspec: ${spec}\n`;
}

function refusal(document: string): string {
  try {
    meshOf(document);
    return '';
  } catch (error) {
    return error instanceof Error ? error.message.replaceAll(/^policy.yaml:\d+: /gm, '') : String(error);
  }
}

describe('the registry of kinds', () => {
  it("has Istio's kinds with the versions of their CustomResourceDefinitions, and no others", () => {
    const registered = istio.map(({ group, kind, versions }) => [`${group}/${kind}`, versions.toSorted()]);
    const defined = Object.entries(istioCrds()).map(([kind, { versions }]) => [kind, versions.toSorted()]);
    expect(Object.fromEntries(registered)).toEqual(Object.fromEntries(defined));
  });

  it('lists a kind once', () => {
    const names = KINDS.map(({ group, kind }) => `${group}/${kind}`);
    expect(new Set(names).size).toBe(names.length);
  });

  it.each(istio.map((kind) => [kind.kind, kind] as const))('has every field of %s, and no other', (_, { group, kind, spec }) => {
    const defined = istioCrds()[`${group}/${kind}`]?.spec ?? {};
    for (const path of objectsIn(defined)) expect(fieldsAt(spec?.(), path).toSorted(), path.join('.')).toEqual(propertiesAt(defined, path));
  });
});

/** Paths of the objects with fields in a schema; 0 stands for any item of a list, `*` for any key of a map. */
function objectsIn(schema: CrdSchema, path: readonly (string | number)[] = []): (string | number)[][] {
  const below = Object.entries(schema.properties ?? {}).flatMap(([name, each]) => objectsIn(each, [...path, name]));
  const items = schema.items ? objectsIn(schema.items, [...path, 0]) : [];
  const values = schema.additionalProperties ? objectsIn(schema.additionalProperties, [...path, '*']) : [];
  return [...(schema.properties ? [[...path]] : []), ...below, ...items, ...values];
}

function propertiesAt(schema: CrdSchema, path: readonly (string | number)[]): string[] {
  const node = path.reduce<CrdSchema | undefined>((each, step) => {
    if (step === 0) return each?.items;
    return step === '*' ? each?.additionalProperties : each?.properties?.[step];
  }, schema);
  return Object.keys(node?.properties ?? {}).toSorted();
}

describe('a kind that only a cluster acts on is checked for', () => {
  it.each([
    [
      'an unknown field',
      object('security.istio.io/v1', 'AuthorizationPolicy', '{rules: [{too: []}]}'),
      'unknown field "spec.rules[0].too"; did you mean "to"?',
    ],
    [
      'a misspelt field in a map of ports',
      object('security.istio.io/v1', 'PeerAuthentication', '{portLevelMtls: {"80": {mod: STRICT}}}'),
      'unknown field "spec.portLevelMtls.80.mod"; did you mean "mode"?',
    ],
    ['an unknown word', object('security.istio.io/v1', 'PeerAuthentication', '{mtls: {mode: STRIKT}}'), /^spec.mtls.mode: .*"STRICT"/],
    ['a wrong type', object('telemetry.istio.io/v1', 'Telemetry', '{tracing: [{randomSamplingPercentage: "5"}]}'), /expected number/],
    ['a number out of range', object('telemetry.istio.io/v1', 'Telemetry', '{tracing: [{randomSamplingPercentage: 101}]}'), /<=100/],
    ['a missing field', object('extensions.istio.io/v1alpha1', 'WasmPlugin'), /^spec.url: /],
    ['an unknown mode', object('networking.istio.io/v1', 'Sidecar', '{outboundTrafficPolicy: {mode: ANY}}'), /mode: /],
    [
      'an unknown field of metadata',
      object('v1', 'Service').replace('name: x', 'name: x, namspace: y'),
      /"metadata.namspace"; did you mean "namespace"/,
    ],
    ['an unknown field of a Service', object('v1', 'Service', '{selektor: {}}'), /"spec.selektor"; did you mean "selector"/],
  ])('%s', (_, document, message) => {
    expect(refusal(document)).toMatch(message);
  });

  it('fields that exclude each other', () => {
    const match = '{configPatches: [{match: {listener: {}, cluster: {}}}]}';
    expect(refusal(object('networking.istio.io/v1alpha3', 'EnvoyFilter', match))).toMatch(
      /only one of listener, routeConfiguration, cluster/,
    );
  });
});

describe('an apiVersion or kind is refused', () => {
  it.each([
    ['of another group', object('networking.istio.io/v1', 'AuthorizationPolicy'), /write apiVersion: security.istio.io\/v1$/],
    ['of a group that does not exist', object('secuirty.istio.io/v1', 'PeerAuthentication'), /write apiVersion: security.istio.io/],
    [
      'of another domain',
      object('networking.istoi.io/v1', 'VirtualService'),
      'no API group networking.istoi.io; did you mean "networking.istio.io"?',
    ],
    ['with an unknown version', object('security.istio.io/v1alpha1', 'PeerAuthentication'), /no version "v1alpha1".*write v1 or v1beta1/],
    [
      'of the Gateway API',
      object('gateway.networking.k8s.io/v1', 'HTTPRoute'),
      /HTTPRoute of gateway.* is refused here: write a VirtualService/,
    ],
    ['misspelt in the Gateway API', object('gateway.networking.k8s.io/v1', 'HTTPRoutes'), /no kind HTTPRoutes; did you mean "HTTPRoute"/],
    ['misspelt in v1', object('v1', 'Servise'), /no kind Servise in v1; did you mean "Service"/],
    ['a list', object('v1', 'List'), /List of v1 is refused here: separate the objects/],
  ])('%s', (_, document, message) => {
    expect(refusal(document)).toMatch(message);
  });
});

describe('an object outside Istio', () => {
  it('is counted, whatever its group', () => {
    const { clusterOnly, warnings } = meshOf(
      object('v1', 'Namespace'),
      object('apps/v1', 'Deployment'),
      object('keda.sh/v1', 'ScaledObject'),
    );
    expect(clusterOnly.map(({ message }) => message)).toEqual(['Namespace', 'Deployment', 'ScaledObject']);
    expect(warnings).toEqual([]);
  });
});

describe('a port of a Kubernetes Service has a warning for', () => {
  const service = (spec: string) =>
    meshOf(object('v1', 'Service', spec))
      .warnings.map(formatFinding)
      .join('\n');

  it.each([
    ['UDP', '{ports: [{port: 80, name: http, protocol: UDP}]}', /port 80 .* UDP/],
    ['TCP', '{ports: [{port: 5432, name: tcp-postgres}]}', /port 5432 .* TCP/],
    ['a well-known port without a protocol', '{ports: [{port: 3306}]}', /port 3306 .* TCP/],
    ['WebSocket over TLS', '{ports: [{port: 443, appProtocol: kubernetes.io/wss}]}', /port 443 .* HTTPS/],
  ])('%s', (_, spec, message) => {
    expect(service(spec)).toMatch(message);
  });

  it('none of these', () => {
    expect(service('{ports: [{port: 80, name: grpc-web, targetPort: 8080}, {port: 81, appProtocol: kubernetes.io/ws}]}')).toBe('');
  });
});
