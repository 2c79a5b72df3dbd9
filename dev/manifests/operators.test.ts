import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { home, root } from '../paths.mjs';
import { systems } from '../systems/systems.ts';
import { type KubernetesObject, kustomize } from './kustomize.ts';
import { find, ofKind, ours } from './testing.ts';

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
