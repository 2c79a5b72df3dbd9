import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { EDGE_HEAP, EDGE_PORTS } from '../../envoy/edge/standalone.ts';
import { readMesh, yamlFiles } from '../../envoy/policy/mesh.ts';
import { root } from '../paths.mjs';
import { systems } from '../systems/systems.ts';
import type { KubernetesObject } from './kustomize.ts';
import { both, deployed, find, ofKind, ours, overlays } from './testing.ts';
import { typeErrors } from './typecheck.ts';

/** Stores and the ingress speak no HTTP to the mesh, and the laptop has its own. */
const isStorePort = (message: string) => /^port \d+ of protocol (?:TCP|HTTPS): /.test(message);

describe.each(both)('the overlay %s', { timeout: 60_000 }, (_, objects) => {
  it('has the fields of the Kubernetes API and of Istio, and no others', () => {
    expect(typeErrors(objects)).toEqual([]);
  });

  it('is policy without a defect', () => {
    const text = objects.map((object) => JSON.stringify(object)).join('\n---\n');
    const warnings = readMesh([{ file: 'overlay.yaml', text }]).warnings.map(({ message }) => message);
    expect(warnings.filter((message) => !isStorePort(message))).toEqual([
      // The laptop's edge takes requests itself.
      'Gateway: no effect here, only on a cluster (the edge takes requests itself)',
      'gateways other than mesh: no effect here, only on a cluster (the edge has routes of its own)',
    ]);
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
