import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { derivedId } from '#kit/runtime/ids.ts';
import { MAX_NUMBER, MAX_SERVICES, type System } from '../systems/systems.ts';

/** A system or service that cannot be created; the message is one sentence. */
export class CreateRefused extends Error {
  override readonly name = 'CreateRefused';
}

const TEMPLATES = join(import.meta.dirname, 'templates');
const SUFFIX = '.tmpl';

/** Names that mean something else in paths, commands or proto packages. */
const RESERVED = new Set(['all', 'app', 'docs', 'edge', 'gateway', 'google', 'grpc', 'kit', 'mesh', 'rentmesh']);

/** Values by the placeholders of the templates: `service` replaces `__service__`. */
type Values = Readonly<Record<'system' | 'System' | 'service' | 'Service' | 'SERVICE' | 'number' | 'id', string>>;

/**
 * Creates a system with one service, in the folders of proto, services, mesh, test and the web app.
 *
 * @param repository the checkout
 * @param existing the systems that the checkout has
 * @returns the files, relative to the repository
 * @throws CreateRefused
 */
export function createSystem(repository: string, existing: readonly System[], system: string, service: string): string[] {
  requireName(system);
  requireName(service);
  if (existsSync(join(repository, 'services', system)) || existsSync(join(repository, 'proto', system)))
    throw new CreateRefused(`There is a system "${system}" already.`);
  const numbers = existing.map(({ number }) => number);
  const number = Array.from({ length: MAX_NUMBER + 1 }, (_, candidate) => candidate).find((each) => !numbers.includes(each));
  if (number === undefined) throw new CreateRefused(`There are ${MAX_NUMBER + 1} systems, which is the most.`);
  const values = valuesOf(system, service, number);
  return [...instantiate(repository, 'system', values), ...addService(repository, values)];
}

/**
 * Creates a service in an existing system.
 *
 * @returns the files, relative to the repository
 * @throws CreateRefused
 */
export function createService(repository: string, existing: readonly System[], system: string, service: string): string[] {
  requireName(service);
  const found = existing.find(({ name }) => name === system);
  if (found === undefined)
    throw new CreateRefused(`There is no system "${system}"; there are: ${existing.map(({ name }) => name).join(', ')}.`);
  if (existsSync(join(repository, 'services', system, service)) || found.services.some(({ name }) => name === service))
    throw new CreateRefused(`There is a service "${system}/${service}" already.`);
  if (found.services.length === MAX_SERVICES) throw new CreateRefused(`${system} has ${MAX_SERVICES} services, which is the most.`);
  return addService(repository, valuesOf(system, service, found.number));
}

function requireName(name: string): void {
  if (!/^[a-z][a-z0-9]{1,19}$/.test(name) || RESERVED.has(name))
    throw new CreateRefused(`"${name}" is no name: use 2 to 20 lower-case letters and digits, but none of ${[...RESERVED].join(', ')}.`);
}

function valuesOf(system: string, service: string, number: number): Values {
  return {
    system,
    System: capitalized(system),
    service,
    Service: capitalized(service),
    SERVICE: service.toUpperCase(),
    number: String(number),
    // The id that the idempotency key of the examples leads to.
    id: derivedId(`${system}.${service}`, 'first'),
  };
}

function capitalized(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** Writes the files of a service and lists it in the descriptor. */
function addService(repository: string, values: Values): string[] {
  const files = instantiate(repository, 'service', values);
  const descriptor = join(repository, 'services', values.system, 'system.ts');
  writeFileSync(descriptor, withService(readFileSync(descriptor, 'utf8'), values));
  return files;
}

/** Appends a service to the text of a descriptor. @throws CreateRefused if the list of services is not written as a literal */
function withService(text: string, { system, service, Service }: Values): string {
  const list = /^ {2}services: \[\n(?:.*\n)*? {2}\],$/m.exec(text);
  if (list === null) throw new CreateRefused(`services/${system}/system.ts has no list of services: add ${service} by hand.`);
  const entry = [
    '    {',
    `      name: '${service}',`,
    `      contract: '${system}.${service}.v1.${Service}Service',`,
    `      store: 'postgres',`,
    `      publishes: ['${system}.${service}.v1'],`,
    `      autoscaling: { minReplicas: 1, maxReplicas: 3, cpuPercent: 15 },`,
    '    },',
  ].join('\n');
  const end = list.index + list[0].length - '  ],'.length;
  return `${text.slice(0, end)}${entry}\n${text.slice(end)}`;
}

/** Writes the files of a template folder, with the values in their texts and paths. */
function instantiate(repository: string, template: 'system' | 'service', values: Values): string[] {
  const folder = join(TEMPLATES, template);
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries
    .map(({ parentPath, name }) => {
      const source = join(parentPath, name);
      const target = filled(relative(folder, source), values).slice(0, -SUFFIX.length);
      mkdirSync(dirname(join(repository, target)), { recursive: true });
      writeFileSync(join(repository, target), filled(readFileSync(source, 'utf8'), values));
      return target;
    })
    .toSorted();
}

function filled(text: string, values: Values): string {
  // The alternatives are the keys of values.
  return text.replaceAll(/__(system|System|service|Service|SERVICE|number|id)__/g, (_, key: keyof Values) => values[key]);
}
