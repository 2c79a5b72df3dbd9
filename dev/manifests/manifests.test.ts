import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { EDGE_HEAP, EDGE_PORTS } from '../../envoy/edge/standalone.ts';
import { readMesh, yamlFiles } from '../../envoy/policy/mesh.ts';
import { readImage } from '../../services/kit/rpc/validation.ts';
import { declaredCalls } from '../mesh/calls.ts';
import { methodsOf } from '../mesh/contracts.ts';
import { laptopWorld } from '../mesh/laptop.ts';
import { home, root } from '../paths.mjs';
import { services } from '../systems/services.ts';
import { systems } from '../systems/systems.ts';
import { type KubernetesObject, kustomize } from './kustomize.ts';
import { typeErrors } from './typecheck.ts';

const overlays = {
  laptop: kustomize(join(root, 'mesh/overlays/laptop/all')),
  production: kustomize(join(root, 'mesh/overlays/production/all')),
};
const both = Object.entries(overlays);

/** The services that run on a cluster. */
const deployed = services.filter(({ isLocal }) => !isLocal);

interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly [field: string]: unknown;
}

/** A Deployment's or StatefulSet's pods, as far as the tests look at them. */
interface PodSpec {
  readonly serviceAccountName: string;
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext?: unknown;
  readonly initContainers?: readonly Container[];
  readonly containers: readonly Container[];
}

interface Workload extends KubernetesObject {
  readonly spec: {
    readonly template: { readonly metadata: { readonly labels: Readonly<Record<string, string>> }; readonly spec: PodSpec };
  };
}

const ofKind = (objects: readonly KubernetesObject[], kind: string) => objects.filter((each) => each.kind === kind);

function workloads(objects: readonly KubernetesObject[]): Workload[] {
  // By their kinds; the type check above the rest holds their shape.
  return [...ofKind(objects, 'Deployment'), ...ofKind(objects, 'StatefulSet')] as Workload[];
}

/** The ingress gateway's container is Istio's to fill in. */
const ours = (objects: readonly KubernetesObject[]) => workloads(objects).filter(({ metadata }) => metadata.name !== 'ingress');

function find(objects: readonly KubernetesObject[], kind: string, name: string, namespace?: string): KubernetesObject | undefined {
  return ofKind(objects, kind).find(
    ({ metadata }) => metadata.name === name && (namespace === undefined || metadata.namespace === namespace),
  );
}

describe.each(both)('the overlay %s', { timeout: 60_000 }, (_, objects) => {
  it('has the fields of the Kubernetes API and of Istio, and no others', () => {
    expect(typeErrors(objects)).toEqual([]);
  });

  it('is policy without a defect', () => {
    const text = objects.map((object) => JSON.stringify(object)).join('\n---\n');
    expect(readMesh([{ file: 'overlay.yaml', text }]).warnings.map(({ message }) => message)).toEqual(
      // The laptop's edge takes requests itself.
      ['Gateway is understood by Istio, but has no effect here', 'gateways other than mesh have no effect here'],
    );
  });

  it('has the policies of the laptop, unchanged', () => {
    const folders = [...systems.map(({ name }) => name), 'edge'];
    const files = folders.flatMap((folder) => yamlFiles(join(root, 'mesh', folder)));
    const policies = files
      .flatMap((file) => parseAllDocuments(readFileSync(file, 'utf8')).map((document) => document.toJS() as KubernetesObject))
      .filter(({ kind }) => ['Service', 'DestinationRule', 'VirtualService'].includes(kind));
    expect(policies.length).toBeGreaterThanOrEqual(15);
    for (const { kind, metadata, spec } of policies) expect(find(objects, kind, metadata.name, metadata.namespace)?.spec).toEqual(spec);
  });

  it('runs every service under an identity of its own, with a disruption budget', () => {
    for (const { system, name } of [...deployed, { system: 'edge', name: 'edge' }]) {
      const workload = ours(objects).find(({ metadata }) => metadata.name === name && metadata.namespace === system);
      expect(workload?.spec.template.spec.serviceAccountName, name).toBe(name);
      expect(workload?.spec.template.metadata.labels).toMatchObject({ app: name, version: 'v1' });
      expect(find(objects, 'ServiceAccount', name, system), name).toBeDefined();
      expect(find(objects, 'PodDisruptionBudget', name, system), name).toBeDefined();
    }
  });

  it('gives no process more rights than it needs, and all of them bounds', () => {
    for (const { metadata, spec } of ours(objects)) {
      const pod = spec.template.spec;
      expect(pod.securityContext, metadata.name).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      for (const container of [...(pod.initContainers ?? []), ...pod.containers]) {
        expect(container, `${metadata.name}/${container.name}`).toMatchObject({
          image: expect.stringMatching(/^[^:]+:[^:]+$/),
          securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
          resources: {
            requests: { cpu: expect.any(String), memory: expect.any(String) },
            limits: { cpu: expect.any(String), memory: expect.any(String) },
          },
        });
      }
    }
  });

  it('asks every process whether it has started, is ready and is alive', () => {
    for (const { metadata, spec } of ours(objects)) {
      for (const container of spec.template.spec.containers) {
        const probes = ['startupProbe', 'readinessProbe', 'livenessProbe'].map((probe) => container[probe]);
        expect(probes, metadata.name).toEqual(Array(3).fill(expect.any(Object)));
        if (deployed.some(({ name }) => name === container.name)) {
          expect(probes, metadata.name).toEqual(Array(3).fill(expect.objectContaining({ grpc: { port: 50051 } })));
        }
      }
    }
  });

  it('leaves services the time that an orderly stop takes', () => {
    const graceSeconds = 10;
    for (const { metadata, spec } of ours(objects).filter(({ metadata: { name } }) => deployed.some((each) => each.name === name))) {
      const [container] = spec.template.spec.containers;
      // The type check holds its shape.
      const lifecycle = container?.lifecycle as { preStop: { sleep: { seconds: number } } } | undefined;
      const seconds = lifecycle?.preStop.sleep.seconds ?? 0;
      expect(seconds, metadata.name).toBeGreaterThan(0);
      // Consumers, relay, databases: three steps of the stop at their bound, of 10 s each, do not come together.
      expect(spec.template.spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(seconds + graceSeconds + 30);
    }
  });

  it('runs the programs that there are', () => {
    const programs = ours(objects).flatMap(({ spec }) =>
      [...(spec.template.spec.initContainers ?? []), ...spec.template.spec.containers].flatMap(({ command }) => command?.[1] ?? []),
    );
    expect(programs).toEqual(
      expect.arrayContaining([...deployed.map(({ main }) => main), 'services/kit/postgres/migrate.ts', 'envoy/edge/main.ts']),
    );
    for (const program of programs) expect(() => readFileSync(join(root, program))).not.toThrow();
  });

  it('says the ports of the edge as its Envoy has them', () => {
    const edge = ours(objects).find(({ metadata }) => metadata.name === 'edge');
    expect(edge?.spec.template.spec.containers[0]?.ports).toEqual([
      { name: 'http2-front', containerPort: EDGE_PORTS.front },
      { name: 'http-ready', containerPort: EDGE_PORTS.ready },
    ]);
  });

  it('lets the edge refuse before its memory is at an end', () => {
    const edge = ours(objects).find(({ metadata }) => metadata.name === 'edge');
    const { memory } = (edge?.spec.template.spec.containers[0]?.resources as { limits: { memory: string } } | undefined)?.limits ?? {
      memory: '',
    };
    expect(memory).toMatch(/^\d+Mi$/);
    expect(Number.parseInt(memory, 10) * 1024 * 1024).toBeGreaterThanOrEqual(1.25 * EDGE_HEAP);
  });

  it('encrypts between all pods', () => {
    for (const { metadata } of ofKind(objects, 'Namespace')) {
      const rule = ofKind(objects, 'PeerAuthentication').find((each) => each.metadata.namespace === metadata.name);
      expect(rule?.spec, metadata.name).toEqual({ mtls: { mode: 'STRICT' } });
    }
  });
});

interface Rule {
  readonly from: readonly { readonly source: { readonly principals: readonly string[] } }[];
  readonly to: readonly { readonly operation: { readonly paths?: readonly string[] } }[];
}

/** The methods of a service, `<system>/<service>`, that its AuthorizationPolicy opens to an identity of the same form. */
function allowed(service: string, identity: string): string[] {
  const [system, name = ''] = service.split('/');
  const [namespace, account] = identity.split('/');
  // The type check holds its shape.
  const spec = find(overlays.production, 'AuthorizationPolicy', name, system)?.spec as { rules: readonly Rule[] } | undefined;
  return (spec?.rules ?? [])
    .filter(({ from }) => from.some(({ source }) => source.principals.includes(`cluster.local/ns/${namespace}/sa/${account}`)))
    .flatMap(({ to }) => to.flatMap(({ operation }) => operation.paths ?? []))
    .toSorted();
}

describe('the identities', () => {
  const methods = methodsOf(readImage());
  const HEALTH = '/grpc.health.v1.Health/Check';
  const ofSystems = systems.flatMap(({ name: system, services: own }) =>
    own.map((service) => ({ ...service, id: `${system}/${service.name}` })),
  );

  it.each(ofSystems)('of edge and gateway may call the public methods of $id, and all of them', ({ id, contract }) => {
    const open = methods.filter(({ path, isPublic }) => isPublic && path.startsWith(`/${contract}/`)).map(({ path }) => path);
    expect(open.length).toBeGreaterThan(0);
    expect(allowed(id, 'edge/edge')).toEqual(open.toSorted());
    expect(allowed(id, 'edge/gateway')).toEqual([HEALTH, ...open].toSorted());
  });

  it('of services may call what their descriptors declare, and nothing else', () => {
    for (const caller of ofSystems) {
      const open = ofSystems.flatMap((callee) => allowed(callee.id, caller.id));
      expect(open, caller.id).toEqual([...(caller.calls ?? [])].toSorted());
    }
    expect(ofSystems.some(({ calls = [] }) => calls.length > 0)).toBe(true);
  });

  it('may call peers as the annotations of the policies say', () => {
    const { mesh, callers } = laptopWorld(methods, [join(root, 'mesh')]);
    const declared = declaredCalls(mesh, methods, callers).filter(({ within }) => within !== undefined);
    const inAnnotations = declared.map(({ caller, to }) => `${caller.scope.proxy.namespace}/${caller.name} ${to.path}`);
    const inDescriptors = ofSystems.flatMap(({ id, calls = [] }) => calls.map((path) => `${id} ${path}`));
    expect([...new Set(inAnnotations)].toSorted()).toEqual(inDescriptors.toSorted());
  });

  it('are asked for everywhere: what no rule allows is refused', () => {
    for (const objects of Object.values(overlays)) {
      for (const { metadata } of ofKind(objects, 'Namespace')) {
        const rules = ofKind(objects, 'AuthorizationPolicy').filter((each) => each.metadata.namespace === metadata.name);
        expect(
          rules.map(({ spec }) => spec),
          metadata.name,
        ).toContainEqual({});
      }
    }
  });
});

describe('production', () => {
  it('allows no faults on purpose', () => {
    for (const { name } of systems) {
      expect(find(overlays.production, 'ConfigMap', `${name}-cm`)).toMatchObject({
        data: { NODE_ENV: 'production', FAULT_INJECTION: 'refused' },
      });
      expect(find(overlays.laptop, 'ConfigMap', `${name}-cm`)).toMatchObject({ data: { FAULT_INJECTION: 'allowed' } });
    }
  });

  it('keeps no state and no secret in its manifests', () => {
    for (const kind of ['StatefulSet', 'Secret', 'PersistentVolumeClaim']) expect(ofKind(overlays.production, kind)).toEqual([]);
  });

  it('has two of everything at least, on different nodes', () => {
    for (const { metadata, spec } of ofKind(overlays.production, 'Deployment')) {
      const scaler = find(overlays.production, 'HorizontalPodAutoscaler', metadata.name, metadata.namespace)?.spec as
        | { minReplicas: number }
        | undefined;
      expect(scaler?.minReplicas ?? (spec as { replicas: number }).replicas, metadata.name).toBeGreaterThanOrEqual(2);
      expect(spec).toMatchObject({
        template: { spec: { affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [expect.any(Object)] } } } },
      });
    }
  });
});

describe('the check of types', () => {
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'car', namespace: 'rentcar' } };

  it('tells an unknown field, a wrong type and a missing field, with the object', () => {
    const wrong = [
      { ...service, spec: { ports: [{ port: 1, targetport: 2 }] } },
      { ...service, spec: { ports: [{ port: 'one' }] } },
      { ...service, spec: { ports: [{ name: 'grpc' }] } },
    ];
    expect(typeErrors(wrong)).toEqual([
      expect.stringMatching(/^Service rentcar\/car: .*'"targetport"' does not exist/),
      expect.stringMatching(/^Service rentcar\/car: .*'string' is not assignable to type 'number'/),
      expect.stringMatching(/^Service rentcar\/car: .*'"port"' is missing/),
    ]);
  }, 60_000);
});

describe('the components operators', { timeout: 60_000 }, () => {
  /** The production overlay with the components. */
  function withOperators(): KubernetesObject[] {
    const folder = mkdtempSync(join(home, 'overlay-'));
    try {
      const path = (to: string) => relative(folder, join(root, 'mesh', to));
      const components = ['components/operators', ...systems.map(({ name }) => `${name}/components/operators`)].map(path);
      const kustomization = { resources: [path('overlays/production/all')], components };
      writeFileSync(join(folder, 'kustomization.yaml'), JSON.stringify(kustomization));
      return kustomize(folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  it('has the operators make the Secrets that the Deployments of production read, and the broker that its settings name', () => {
    const objects = withOperators();
    const made = new Map(ofKind(objects, 'Cluster').map(({ metadata }) => [`${metadata.namespace}/${metadata.name}-app`, 'uri']));
    for (const { metadata, spec } of ofKind(objects, 'MongoDBCommunity')) {
      const { users } = spec as { users: { connectionStringSecretName: string }[] };
      for (const user of users) made.set(`${metadata.namespace}/${user.connectionStringSecretName}`, 'connectionString.standard');
    }
    const read = ours(objects).flatMap(({ metadata, spec }) => {
      const { initContainers = [], containers } = spec.template.spec;
      const variables = [...initContainers, ...containers].flatMap(
        ({ env }) => (env ?? []) as { valueFrom?: { secretKeyRef?: SecretKey } }[],
      );
      return variables.flatMap(({ valueFrom }) =>
        valueFrom?.secretKeyRef ? [[`${metadata.namespace}/${valueFrom.secretKeyRef.name}`, valueFrom.secretKeyRef.key] as const] : [],
      );
    });
    expect(new Map(read)).toEqual(made);
    const { metadata } = find(objects, 'Kafka', 'kafka') ?? {};
    const nodes = (find(objects, 'KafkaNodePool', 'node')?.spec ?? {}) as { replicas?: number };
    for (const { name } of systems)
      expect(find(objects, 'ConfigMap', `${name}-cm`)).toMatchObject({
        data: {
          KAFKA_BROKERS: `${metadata?.name}-kafka-bootstrap.${metadata?.namespace}.svc.cluster.local:9092`,
          KAFKA_REPLICATION_FACTOR: String(nodes.replicas),
        },
      });
  });

  it('lets nobody but a service and its operator reach its state', () => {
    const objects = withOperators();
    const callers = ofKind(objects, 'NetworkPolicy').flatMap(({ spec }) => {
      const { ingress } = spec as { ingress: { from?: { podSelector?: { matchLabels: Record<string, string> } }[] }[] };
      return ingress.map(({ from }) => from?.flatMap(({ podSelector }) => podSelector?.matchLabels.app ?? []));
    });
    expect(callers).not.toContain(undefined);
    const owners = systems.flatMap((system) => system.services.filter(({ store }) => store !== 'none'));
    const nodes = owners.filter(({ store }) => store === 'mongo').map(({ name }) => `${name}-mongodb-svc`);
    expect(callers.flat().toSorted()).toEqual([...owners.map(({ name }) => name), ...nodes].toSorted());
  });

  it('opens the broker to the services of systems', () => {
    const objects = withOperators();
    const { kafka } = (find(objects, 'Kafka', 'kafka')?.spec ?? {}) as {
      kafka?: { listeners: { networkPolicyPeers: { podSelector: { matchLabels: Record<string, string> } }[] }[] };
    };
    const [peer, ...more] = (kafka?.listeners ?? []).flatMap(({ networkPolicyPeers }) => networkPolicyPeers);
    expect(more).toEqual([]);
    for (const { name, services: own } of systems) {
      expect(find(objects, 'Namespace', name)?.metadata.labels).toHaveProperty('rentmesh/system');
      for (const service of own)
        expect(find(objects, 'Deployment', service.name, name)?.spec).toMatchObject({
          template: { metadata: { labels: peer?.podSelector.matchLabels } },
        });
    }
  });
});

/** Where a variable's value is kept. */
interface SecretKey {
  readonly name: string;
  readonly key: string;
}

const istioctl = process.env.RENTMESH_ISTIOCTL ?? 'istioctl';

describe.runIf(spawnSync(istioctl, ['version', '--remote=false'], { timeout: 20_000 }).status === 0)('istioctl', () => {
  it.each(both)(
    'finds nothing wrong in the overlay %s',
    (_, objects) => {
      const folder = mkdtempSync(join(tmpdir(), 'rentmesh-istioctl-'));
      try {
        const file = join(folder, 'overlay.yaml');
        writeFileSync(file, objects.map((object) => JSON.stringify(object)).join('\n---\n'));
        const { status, stdout, stderr } = spawnSync(istioctl, ['validate', '-f', file], { encoding: 'utf8', timeout: 60_000 });
        expect(stdout + stderr).toMatch(/ is valid\n$/);
        expect(status).toBe(0);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    60_000,
  );
});
