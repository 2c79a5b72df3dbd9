import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { composeContainer } from '../../compose/layout.ts';
import type { DeployedService, DeployedSystem } from '../systems.ts';
import { HEADER } from '../yaml.ts';

const PASSWORD = `\${RENTMESH_PASSWORD:-rentmesh}`;

/**
 * docker-compose.yml: template.yaml, in which marks stand for the parts that depend on systems. The profile of a service is
 * its system. Other containers need a service only if its profile is active (`required: false`).
 */
export function composeFile(systems: readonly DeployedSystem[]): string {
  const services = systems.flatMap((system) => system.services);
  const usesMongo = systems.filter((system) => system.services.some(({ store }) => store === 'mongo'));
  const marks: Readonly<Record<string, string>> = {
    services: services.map(pod).join('\n').trimEnd(),
    edgeNeeds: services.map((service) => `      ${composeContainer(service)}: { condition: service_healthy, required: false }`).join('\n'),
    mongoProfiles: `[${usesMongo.map(({ name }) => name).join(', ')}]`,
  };
  const template = readFileSync(join(import.meta.dirname, 'template.yaml'), 'utf8');
  return HEADER + template.replaceAll(/^ *# \{(\w+)\}$|# \{(\w+)\}$/gm, (_, line, value) => markedText(marks, line ?? value));
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
  if (store === 'postgres') variables.DATABASE_URL = `postgres://${database}:${PASSWORD}@postgres:5432/${database}`;
  if (store === 'mongo') variables.MONGODB_URI = `mongodb://mongo:27017/${database}?directConnection=true`;
  return Object.entries(variables)
    .map(([name, value]) => `      ${name}: ${JSON.stringify(value)}\n`)
    .join('');
}
