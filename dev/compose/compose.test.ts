import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { envoyVersion, jaegerVersion, prometheusVersion, root } from '../paths.mjs';
import { databaseName } from '../systems/stores.ts';
import { chooseSystems } from '../systems/systems.ts';
import { composeContainer, composePod, composeServices, composeStores, passwordVariable, serviceSettings } from './layout.ts';

/** A service of the file as far as the tests read it, with its anchors resolved. */
interface Container {
  readonly image: string;
  readonly user?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly privileged?: boolean;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly network_mode?: string;
  readonly networks?: readonly string[] | Readonly<Record<string, { readonly aliases?: readonly string[] }>>;
  readonly ports?: readonly string[];
  readonly profiles?: readonly string[];
  readonly healthcheck?: object;
  readonly restart?: string;
  readonly depends_on?: readonly string[] | Readonly<Record<string, { readonly condition: string; readonly required?: boolean }>>;
}

const text = readFileSync(join(root, 'docker-compose.yml'), 'utf8');
// The first test holds the file against the schema that says so.
const file = parse(text, { merge: true, maxAliasCount: -1 }) as {
  services: Record<string, Container>;
  networks: Record<string, { internal?: boolean } | null>;
};
const containers = Object.entries(file.services);

function container(name: string): Container {
  const found = file.services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no ${name}`);
  return found;
}

describe('docker-compose.yml', () => {
  it('obeys the Compose specification', () => {
    const linter = dirname(createRequire(import.meta.url).resolve('dclint/package.json'));
    const { $schema: _, ...schema } = JSON.parse(readFileSync(join(linter, 'schemas', 'compose.schema.json'), 'utf8'));
    const check = new Ajv({ strict: false, validateFormats: false, allErrors: true }).removeKeyword('id').compile(schema);
    check(file);
    expect(check.errors ?? []).toEqual([]);
  });

  it('runs every service beside its sidecar, both in the network of their pod', () => {
    for (const service of composeServices) {
      const name = composeContainer(service);
      expect(container(name)).toMatchObject({ image: 'rentmesh:dev', command: [service.main], network_mode: `service:${name}-pod` });
      expect(container(`${name}-sidecar`).network_mode).toBe(`service:${name}-pod`);
      expect(container(`${name}-sidecar`).command?.slice(0, 2)).toEqual(['-c', `/run/mesh/${name}-sidecar/bootstrap.json`]);
      expect(container(`${name}-pod`).networks).toMatchObject({ mesh: { aliases: [composePod(service).address] } });
    }
    const pods = containers.filter(([name]) => name.endsWith('-pod')).map(([name]) => name.replace('-pod', ''));
    expect(pods.toSorted()).toEqual(composeServices.map(composeContainer).toSorted());
  });

  it('gives each service its own database alone, and the addresses that its sidecar is written for', () => {
    const { postgresUri, mongoUri } = composeStores((role) => `\${${passwordVariable(role)}:?run sh dev/compose/env.sh}`);
    for (const service of composeServices) {
      const { DATABASE_URL, MONGODB_URI, ...settings } = container(composeContainer(service)).environment ?? {};
      expect(settings).toMatchObject(service.store === 'none' ? { LISTEN_ADDRESS: serviceSettings.LISTEN_ADDRESS } : serviceSettings);
      expect(DATABASE_URL).toBe(service.store === 'postgres' ? decodeURIComponent(postgresUri(databaseName(service))) : undefined);
      expect(MONGODB_URI).toBe(service.store === 'mongo' ? mongoUri(databaseName(service)) : undefined);
    }
  });

  it('gives each container the passwords that it needs, and the superuser’s to no service', () => {
    const passwords = Object.fromEntries(
      containers.flatMap(([name, { environment }]) => {
        const names = [...JSON.stringify(environment ?? {}).matchAll(/\$\{(\w*PASSWORD)\b/g)].map(([, each = '']) => each);
        return names.length === 0 ? [] : [[name, [...new Set(names)].toSorted()]];
      }),
    );
    const owners = composeServices.filter(({ store }) => store === 'postgres');
    const roles = owners.map((service) => passwordVariable(databaseName(service)));
    expect(passwords).toEqual({
      ...Object.fromEntries(owners.map((service) => [composeContainer(service), [passwordVariable(databaseName(service))]])),
      databases: [...roles, 'POSTGRES_PASSWORD'].toSorted(),
      postgres: ['POSTGRES_PASSWORD'],
      check: roles.toSorted(),
      grafana: ['GRAFANA_PASSWORD'],
    });
  });

  it('has no default password: Compose refuses to start without one, and says how to make one', () => {
    const uses = [...text.matchAll(/\$\{\w*PASSWORD\b[^}]*\}/g)].map(([use]) => use);
    expect(uses.length).toBeGreaterThan(6);
    for (const use of uses) expect(use).toMatch(/^\$\{\w+_PASSWORD:\?run sh dev\/compose\/env\.sh\}$/);
    expect(text.replaceAll(/\$\{[^}]*\}/g, '')).not.toMatch(/PASSWORD: *["']?\w/);
  });

  it('publishes the edge, and the dashboards of its profiles, and nothing else, on the loopback address unless told otherwise', () => {
    const published = Object.fromEntries(containers.flatMap(([name, { ports }]) => (ports === undefined ? [] : [[name, ports]])));
    const at = `\${RENTMESH_ADDRESS:-127.0.0.1}`;
    expect(published).toEqual({
      edge: [`${at}:\${RENTMESH_PORT:-8088}:8088`],
      jaeger: [`${at}:16686:16686`],
      prometheus: [`${at}:9090:9090`],
      grafana: [`${at}:3000:3000`],
    });
    for (const dashboard of ['jaeger', 'prometheus', 'grafana']) expect(container(dashboard).profiles).toContain(dashboard);
  });

  it('keeps databases where only those that use them are', () => {
    expect(file.networks).toMatchObject({ mesh: { internal: true }, stores: { internal: true } });
    for (const store of ['postgres', 'kafka', 'mongo']) expect(container(store).networks).toEqual(['stores']);
    expect(container('edge').networks).toEqual(['front', 'mesh']);
    expect(container('gateway-pod').networks).not.toHaveProperty('stores');
  });

  it('lets no container be root, have a capability or gain one, and write outside its volumes; Kafka alone writes beside its programs', () => {
    /** Whose images have another user than root. */
    const unprivileged = /^(?:rentmesh|apache\/kafka|jaegertracing\/jaeger|prom\/prometheus|grafana\/grafana):/;
    for (const [name, { image, user, read_only, cap_drop, security_opt, privileged }] of containers) {
      expect(user ?? (unprivileged.test(image) ? 'its image’s' : 'root'), name).not.toMatch(/^(?:root|0)/);
      expect({ name, cap_drop, security_opt, privileged }).toEqual({
        name,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
        privileged: undefined,
      });
      expect(read_only, name).toBe(name !== 'kafka');
    }
  });

  it('waits for what has to be there: a health check on all that others need, and the edge last', () => {
    for (const [name, { depends_on }] of containers)
      for (const [needed, condition] of Object.entries(Array.isArray(depends_on) ? {} : (depends_on ?? {}))) {
        if (condition.condition === 'service_healthy') expect(container(needed).healthcheck, `${name} needs ${needed}`).toBeDefined();
        else expect(container(needed).restart, needed).toBe('on-failure');
      }
    for (const service of composeServices) expect(container('edge').depends_on).toHaveProperty(composeContainer(service));
  });

  it('runs a system in its profile, and needs no service of a system whose profile is off', () => {
    for (const service of composeServices.filter(({ system }) => system !== 'edge'))
      for (const name of ['', '-pod', '-sidecar'].map((part) => composeContainer(service) + part))
        expect(container(name).profiles, name).toEqual([service.system]);
    for (const [name, { depends_on, profiles = [] }] of containers)
      for (const [needed, { required }] of Object.entries(Array.isArray(depends_on) ? {} : (depends_on ?? {}))) {
        const others = container(needed).profiles ?? [];
        const isAlwaysThere = others.length === 0 || (profiles.length > 0 && profiles.every((profile) => others.includes(profile)));
        if (!isAlwaysThere) expect(required, `${name} needs ${needed}`).toBe(false);
      }
  });

  it('runs the systems by default that `npm start` runs', () => {
    const names = /^COMPOSE_PROFILES=(.*)$/m.exec(readFileSync(join(root, 'dev', 'compose', 'env.example'), 'utf8'))?.[1]?.split(',');
    expect(names).toEqual(chooseSystems([]).map(({ name }) => name));
  });

  it('runs the Envoy that a laptop runs, the dashboards that stand-ins are made of, and images of one version each', () => {
    const images = containers.map(([, { image }]) => image.replace(/@sha256:[0-9a-f]{64}$/, ''));
    expect(images).toContain(`envoyproxy/envoy:v${envoyVersion}`);
    // Prometheus numbers its Go module 0.N.M for 3.N.M with two digits of the minor; Jaeger's 1.N is released together with 2.(N-63).
    const [, minor = 0, patch] = prometheusVersion.split('.').map(Number);
    expect(images).toContain(`prom/prometheus:v${Math.floor(minor / 100)}.${minor % 100}.${patch}`);
    const [, jaegerMinor = 0, jaegerPatch] = jaegerVersion.split('.').map(Number);
    expect(images).toContain(`jaegertracing/jaeger:2.${jaegerMinor - 63}.${jaegerPatch}`);
    for (const image of images) expect(image).toMatch(/^[\w./-]+:[\w.-]*(?:\d|dev)/);
    const names = new Set(images.map((image) => image.split(':')[0]));
    expect(new Set(images).size).toBe(names.size);
  });
});

describe('the dashboards', () => {
  const dashboards = join(import.meta.dirname, 'dashboards');

  it('read the statistics of every Envoy', () => {
    const { scrape_configs } = parse(readFileSync(join(dashboards, 'prometheus.yml'), 'utf8'));
    const targets = scrape_configs[0].static_configs.flatMap(({ targets }: { targets: string[] }) => targets);
    expect(targets.toSorted()).toEqual(
      ['edge:15090', ...composeServices.map((service) => `${composePod(service).address}:15090`)].toSorted(),
    );
  });

  it('ask the data source that is provisioned, and say what each panel shows', () => {
    const { panels } = JSON.parse(readFileSync(join(dashboards, 'grafana', 'dashboards', 'mesh.json'), 'utf8'));
    const { datasources } = parse(readFileSync(join(dashboards, 'grafana', 'datasources', 'prometheus.yml'), 'utf8'));
    for (const panel of panels) {
      expect(panel.datasource.uid).toBe(datasources[0].uid);
      expect(panel.description).not.toBe('');
    }
  });
});
