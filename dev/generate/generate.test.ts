import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type KubernetesObject, kustomize } from '../manifests/kustomize.ts';
import { type Method, methodsOf } from '../mesh/contracts.ts';
import { readImage } from '../mesh/laptop.ts';
import { home, root } from '../paths.mjs';
import type { ServiceDescriptor } from '../systems/descriptor.ts';
import { type System, systems } from '../systems/systems.ts';
import { differences, type GeneratedFiles, generatedFiles, policyFiles, writeFiles } from './files.ts';
import { imageDigests, withoutDigests } from './images.ts';
import { type DeployedSystem, deployedSystems } from './systems.ts';

const methods = methodsOf(readImage());
const present = deployedSystems(systems, methods);

/** A system whose services have the names of the first system's, and one more. */
const TWIN = 'twin';
const twinServices = [
  ...present
    .slice(0, 1)
    .flatMap(({ services }) => services.map(({ name, store }): ServiceDescriptor => ({ name, store, contract: contractOf(name) }))),
  { name: 'archive', store: 'none', contract: contractOf('archive') } satisfies ServiceDescriptor,
];
const [front, callee] = twinServices;
const twin = {
  name: TWIN,
  title: 'Twin',
  summary: 'A made-up system.',
  number: 14,
  services: twinServices.map((service) =>
    service === front
      ? {
          ...service,
          calls: [pathOf(callee?.name ?? '', 'Take')],
          settings: { WAIT_SECONDS: '60' },
          testSettings: { WAIT_SECONDS: '1' },
          configMaps: { WORD: { name: 'words', key: 'word' } },
        }
      : service,
  ),
} as unknown as System;
const twinMethods = twinServices.flatMap(({ name }) => [twinMethod(name, 'List', true), twinMethod(name, 'Take', false)]);
const both = deployedSystems([...systems, twin], [...methods, ...twinMethods]);

function contractOf(service: string): string {
  return `${TWIN}.${service}.v1.TwinService`;
}

function pathOf(service: string, method: string): string {
  return `/${contractOf(service)}/${method}`;
}

function twinMethod(service: string, name: string, isPublic: boolean): Method {
  const host = `${service}.${TWIN}.svc.cluster.local`;
  return { service: contractOf(service), name, path: pathOf(service, name), host, idempotency: 'UNKNOWN', isPublic };
}

function filesOf(chosen: readonly DeployedSystem[], repository = root): GeneratedFiles {
  return generatedFiles(chosen, (system) => policyFiles(repository, system));
}

/** The parsed content of a generated file, in a shape that the caller knows. */
function content<T>(files: GeneratedFiles, path: string): T {
  return parse(files.get(path) ?? '', { merge: true, maxAliasCount: -1 }) as T;
}

describe('the generated files of the repository', () => {
  it('are those that descriptors and contracts make: run `npm run generate` after a change', () => {
    expect(differences(root, filesOf(present))).toEqual([]);
  });
});

describe('a second system with services of the same names', () => {
  interface Container {
    readonly profiles?: readonly string[];
    readonly networks?: { readonly mesh?: { readonly aliases: readonly string[] } };
    readonly environment?: Readonly<Record<string, string>>;
    readonly ports?: readonly string[];
  }
  const compose = content<{ services: Record<string, Container> }>(filesOf(both), 'docker-compose.yml').services;
  const before = content<{ services: Record<string, Container> }>(filesOf(present), 'docker-compose.yml').services;

  it('has containers, aliases and databases of its own in docker-compose.yml, and publishes no port', () => {
    const added = Object.keys(compose).filter((name) => !(name in before));
    expect(added.toSorted()).toEqual(
      twinServices.flatMap(({ name }) => [`${TWIN}-${name}`, `${TWIN}-${name}-pod`, `${TWIN}-${name}-sidecar`]).toSorted(),
    );
    for (const name of added) expect(compose[name]).toMatchObject({ profiles: [TWIN] });
    const all = Object.values(compose);
    for (const values of [
      all.flatMap(({ networks }) => networks?.mesh?.aliases ?? []),
      all.flatMap(({ environment }) => /\/(\w+_\w+)\b/.exec(environment?.DATABASE_URL ?? environment?.MONGODB_URI ?? '')?.[1] ?? []),
      all.flatMap(({ ports }) => ports ?? []),
    ]) {
      expect(values.length).toBeGreaterThan(1);
      expect(new Set(values).size).toBe(values.length);
    }
    expect(all.flatMap(({ ports }) => ports ?? [])).toEqual(Object.values(before).flatMap(({ ports }) => ports ?? []));
  });

  it('leaves the containers of the first as they are', () => {
    for (const [name, container] of Object.entries(before).filter(([, { profiles }]) => profiles?.includes(present[0]?.name ?? '')))
      if (name !== 'mongo') expect(compose[name], name).toEqual(container);
  });

  it('has targets of its own in Prometheus', () => {
    const { scrape_configs } = content<{ scrape_configs: { static_configs: { targets: string[]; labels: { workload: string } }[] }[] }>(
      filesOf(both),
      'dev/compose/dashboards/prometheus.yml',
    );
    const jobs = scrape_configs.flatMap(({ static_configs }) => static_configs);
    for (const { name } of twinServices)
      expect(jobs).toContainEqual({ targets: [`${name}.${TWIN}:15090`], labels: { workload: `${TWIN}/${name}` } });
    const targets = jobs.flatMap(({ targets: each }) => each);
    expect(new Set(targets).size).toBe(targets.length);
  });
});

describe('a second system in the manifests', { timeout: 60_000 }, () => {
  mkdirSync(home, { recursive: true });
  const repository = mkdtempSync(join(home, 'generate-test-'));
  afterAll(() => rmSync(repository, { recursive: true }));
  cpSync(join(root, 'mesh'), join(repository, 'mesh'), { recursive: true });
  mkdirSync(join(repository, 'mesh', TWIN));
  const ports = '[{ name: grpc, port: 50051, appProtocol: grpc }]';
  for (const { name } of twinServices)
    writeFileSync(
      join(repository, 'mesh', TWIN, `${name}.yaml`),
      `{ apiVersion: v1, kind: Service, metadata: { name: ${name}, namespace: ${TWIN} }, spec: { selector: { app: ${name} }, ports: ${ports} } }\n`,
    );
  writeFiles(repository, filesOf(both, repository));
  const builds = new Map<string, KubernetesObject[]>();
  const build = (choice: string) => {
    const objects = builds.get(choice) ?? kustomize(join(repository, 'mesh', 'overlays', choice));
    builds.set(choice, objects);
    return objects;
  };
  const identity = ({ kind, metadata }: KubernetesObject) => `${kind} ${metadata.namespace ?? ''}/${metadata.name}`;
  const inNamespace = (objects: readonly KubernetesObject[], name: string) => objects.filter(({ metadata }) => metadata.namespace === name);

  it.each(['laptop', 'production'])('has the workloads of both in %s/all, and each system alone in its own overlay', (overlay) => {
    const all = build(`${overlay}/all`);
    expect(new Set(all.map(identity)).size).toBe(all.length);
    for (const { name: system, services } of both) {
      const alone = build(`${overlay}/${system}`);
      expect(inNamespace(alone, system)).toEqual(inNamespace(all, system));
      for (const other of both.filter(({ name }) => name !== system)) expect(inNamespace(alone, other.name)).toEqual([]);
      for (const { name } of services) expect(all.map(identity)).toContain(`Deployment ${system}/${name}`);
    }
  });

  it('shares engines that are equal in each overlay, and know the databases and identities of both', () => {
    const of = (choice: string, namespace: string) => inNamespace(build(`laptop/${choice}`), namespace);
    for (const engine of ['postgres', 'mongo', 'kafka']) {
      expect(of(TWIN, engine)).toEqual(of('all', engine));
      const text = JSON.stringify(of('all', engine));
      for (const { name: system, services } of both)
        for (const { name, store, database } of services) {
          if (engine === 'kafka' || engine === store) expect(text).toContain(`"cluster.local/ns/${system}/sa/${name}"`);
          if (engine === 'postgres' && engine === store) expect(text).toContain(`CREATE DATABASE ${database} OWNER ${database};`);
        }
    }
  });

  it('opens a method that only a peer calls to that peer alone', () => {
    const policy = build(`laptop/${TWIN}`).find((object) => identity(object) === `AuthorizationPolicy ${TWIN}/${callee?.name}`);
    // The generator's own shape.
    const { rules = [] } = (policy?.spec ?? {}) as {
      rules?: { from: { source: { principals: string[] } }[]; to: { operation: { paths: string[] } }[] }[];
    };
    const open = rules.map(({ from, to }) => [from[0]?.source.principals, to[0]?.operation.paths]);
    expect(open[0]).toEqual([[`cluster.local/ns/${TWIN}/sa/${front?.name}`], [pathOf(callee?.name ?? '', 'Take')]]);
    expect(JSON.stringify(open.slice(1))).not.toContain('/Take');
  });

  it('has the settings of its descriptor in production, and those for tests in a small cluster', () => {
    const settingsIn = (overlay: string) => {
      const deployment = build(`${overlay}/${TWIN}`).find((object) => identity(object) === `Deployment ${TWIN}/${front?.name}`);
      const { template } = (deployment?.spec ?? {}) as {
        template?: { spec: { containers: { env: { name: string; value?: string }[] }[] } };
      };
      return template?.spec.containers[0]?.env.filter(({ name }) => name === 'WAIT_SECONDS');
    };
    expect(settingsIn('production')).toEqual([{ name: 'WAIT_SECONDS', value: '60' }]);
    expect(settingsIn('laptop')).toEqual([{ name: 'WAIT_SECONDS', value: '1' }]);
  });

  it('names the hosts of called peers in the ConfigMap of the system', () => {
    const settings = build(`laptop/${TWIN}`).find((object) => identity(object) === `ConfigMap ${TWIN}/${TWIN}-cm`);
    const name = callee?.name ?? '';
    expect(settings).toMatchObject({ data: { [`${name.toUpperCase()}_HOST`]: name } });
  });

  it('takes variables from ConfigMaps that may be absent', () => {
    const deployment = build(`production/${TWIN}`).find((object) => identity(object) === `Deployment ${TWIN}/${front?.name}`);
    const valueFrom = { configMapKeyRef: { name: 'words', key: 'word', optional: true } };
    expect(deployment).toMatchObject({
      spec: { template: { spec: { containers: [{ env: expect.arrayContaining([{ name: 'WORD', valueFrom }]) }] } } },
    });
  });

  it('has the digests of images in each overlay and in Compose, once they are known', () => {
    const names = Object.keys(imageDigests());
    const digests = Object.fromEntries(names.map((image, index) => [image, `sha256:${String(index).repeat(64)}`]));
    const files = generatedFiles(present, (system) => policyFiles(root, system), digests);
    for (const [image, digest] of Object.entries(digests)) {
      const short = image.replace(/^docker\.io\/(?:library\/)?/, '');
      expect(files.get('docker-compose.yml')).toContain(`image: ${short}@${digest}\n`);
    }
    writeFiles(repository, files);
    for (const [overlay, count] of [
      ['production', 1],
      ['laptop', 4],
    ] as const) {
      const text = JSON.stringify(kustomize(join(repository, 'mesh', 'overlays', overlay)));
      const images = [...text.matchAll(/"image":"(docker\.io\/[^"]*)"/g)].map(([, image = '']) => image);
      const ofOthers = new Set(images.filter((image) => !image.includes('/rentmesh:')));
      expect(ofOthers.size).toBe(count);
      for (const image of ofOthers) expect(names).toContain(withoutDigests(image, digests));
      for (const image of ofOthers) expect(image).toMatch(/@sha256:\d{64}$/);
    }
    writeFiles(repository, filesOf(both, repository));
  });

  it('leaves no file behind when it is taken away', () => {
    writeFiles(repository, filesOf(present, repository));
    const left = differences(root, filesOf(present));
    expect(left).toEqual([]);
    expect(differences(repository, filesOf(present, repository))).toEqual([]);
  });
});

describe('a descriptor', () => {
  it('that calls a method or has a contract which does not exist is refused', () => {
    const calling = { ...twin, services: [{ ...front, calls: ['/twin.nothing.v1.Nothing/Do'] }] } as unknown as System;
    expect(() => deployedSystems([calling], twinMethods)).toThrow(`${TWIN}/${front?.name} calls /twin.nothing.v1.Nothing/Do`);
    expect(() => deployedSystems([twin], [])).toThrow(/which no contract has|there is no contract/);
  });
});
