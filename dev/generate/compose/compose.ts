import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { composeContainer, passwordVariable } from '../../compose/layout.ts';
import type { DeployedService, DeployedSystem } from '../systems.ts';
import { HEADER } from '../yaml.ts';

/** Refers to a password in .env; Compose refuses to start without one. */
const passwordOf = (role: string) => `\${${passwordVariable(role)}:?run sh dev/compose/env.sh}`;

/**
 * docker-compose.yml: template.yaml, in which marks stand for the parts that depend on systems. The profile of a service is
 * its system. Other containers need a service only if its profile is active (`required: false`).
 */
export function composeFile(systems: readonly DeployedSystem[]): string {
  const services = systems.flatMap((system) => system.services);
  const usesMongo = systems.filter((system) => system.services.some(({ store }) => store === 'mongo'));
  const marks: Readonly<Record<string, string>> = {
    services: services.map(pod).join('\n').trimEnd(),
    rolePasswords: rolesOf(systems)
      .map((role) => `      ${passwordVariable(role)}: ${JSON.stringify(passwordOf(role))}`)
      .join('\n'),
    edgeNeeds: services.map((service) => `      ${composeContainer(service)}: { condition: service_healthy, required: false }`).join('\n'),
    mongoProfiles: `[${usesMongo.map(({ name }) => name).join(', ')}]`,
  };
  const template = readFileSync(join(import.meta.dirname, 'template.yaml'), 'utf8');
  return HEADER + template.replaceAll(/^ *# \{(\w+)\}$|# \{(\w+)\}$/gm, (_, line, value) => markedText(marks, line ?? value));
}

/** Roles of PostgreSQL, each the owner of the database of its name. */
function rolesOf(systems: readonly DeployedSystem[]): string[] {
  return systems.flatMap(({ services }) => services.filter(({ store }) => store === 'postgres').map(({ database }) => database));
}

/** dev/compose/env.example: the lines that env.sh adds to .env, where a password without a value gets a random one. */
export function environmentFile(systems: readonly DeployedSystem[]): string {
  const byDefault = systems.filter(({ startsByDefault }) => startsByDefault).map(({ name }) => name);
  const roles = ['postgres', 'grafana', ...rolesOf(systems)];
  return `${HEADER}# \`sh dev/compose/env.sh\` copies what .env has not, with a random value for each password.
# The systems to run, and dashboards: <system>,<system>,jaeger,grafana
COMPOSE_PROFILES=${byDefault.join(',')}
${roles.map((role) => `${passwordVariable(role)}=\n`).join('')}`;
}

function markedText(marks: Readonly<Record<string, string>>, name: string): string {
  const text = marks[name];
  if (text === undefined) throw new Error(`template.yaml has an unknown mark: ${name}`);
  return text;
}

/** The three containers of a service. */
function pod(service: DeployedService): string {
  const { system, name, main } = service;
  const container = composeContainer(service);
  return `  ${container}-pod:
    <<: *pod
    profiles: [${system}]
    networks: { mesh: { aliases: [${name}.${system}] }, stores: {} }

  ${container}-sidecar:
    <<: *sidecar
    profiles: [${system}]
    network_mode: service:${container}-pod
    command: [-c, /run/mesh/${container}-sidecar/bootstrap.json, --concurrency, "1"]

  ${container}:
    <<: *service
    profiles: [${system}]
    network_mode: service:${container}-pod
    command: [${main}]
    environment:
      <<: *environment
${environment(service)}    depends_on: *needs
`;
}

function environment({ store, database, settings }: DeployedService): string {
  const variables: Record<string, string> = { ...settings };
  if (store === 'postgres') variables.DATABASE_URL = `postgres://${database}:${passwordOf(database)}@postgres:5432/${database}`;
  if (store === 'mongo') variables.MONGODB_URI = `mongodb://mongo:27017/${database}?directConnection=true`;
  return Object.entries(variables)
    .map(([name, value]) => `      ${name}: ${JSON.stringify(value)}\n`)
    .join('');
}
