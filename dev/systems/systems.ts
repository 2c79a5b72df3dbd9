import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../paths.mjs';
import type { SystemDescriptor } from './descriptor.ts';

/** A system of this checkout. */
export interface System extends SystemDescriptor {
  /** Name of its folder in `services/`: `rentcar`. */
  readonly name: string;
}

/** Highest `number` of a system, and largest number of services of one: both are parts of a loopback address. */
export const MAX_NUMBER = 14;
export const MAX_SERVICES = 15;

/** A defect of the descriptors; the message names the systems. */
export class DescriptorError extends Error {
  override readonly name = 'DescriptorError';
}

/**
 * Finds the systems of a checkout: each folder of `services/` with a `system.ts`, by name.
 *
 * @throws DescriptorError if two systems have one number, or a limit is exceeded
 */
export async function findSystems(repository: string): Promise<System[]> {
  const folder = join(repository, 'services');
  const names = readdirSync(folder).filter((name) => existsSync(join(folder, name, 'system.ts')));
  const systems = await Promise.all(
    names.toSorted().map(async (name): Promise<System> => {
      // system.ts exports `system`, as descriptor.ts requires.
      const { system } = (await import(pathToFileURL(join(folder, name, 'system.ts')).href)) as { system: SystemDescriptor };
      return { name, ...system };
    }),
  );
  requireValid(systems);
  return systems;
}

function requireValid(systems: readonly System[]): void {
  for (const { name, number, services } of systems) {
    if (!Number.isInteger(number) || number < 0 || number > MAX_NUMBER)
      throw new DescriptorError(`The system ${name} has the number ${number}: choose one from 0 to ${MAX_NUMBER}.`);
    if (services.length > MAX_SERVICES)
      throw new DescriptorError(`The system ${name} has ${services.length} services: ${MAX_SERVICES} is the most.`);
    const other = systems.find((each) => each.number === number);
    if (other !== undefined && other.name !== name)
      throw new DescriptorError(`The systems ${other.name} and ${name} both have the number ${number}: choose another for one of them.`);
  }
}

/** The systems of this checkout, by name. */
export const systems: readonly System[] = await findSystems(root);

/**
 * Returns the systems of these names, without repetitions: `all` stands for every system, no name for those that start by default.
 *
 * @throws RangeError listing the names that there are
 */
export function chooseSystems(names: readonly string[], from: readonly System[] = systems): System[] {
  if (names.includes('all')) return [...from];
  if (names.length === 0) return from.filter(({ startsByDefault }) => startsByDefault);
  const unknown = names.find((name) => !from.some((system) => system.name === name));
  if (unknown !== undefined)
    throw new RangeError(`There is no system "${unknown}"; there are: ${from.map(({ name }) => name).join(', ')} (or all).`);
  return from.filter(({ name }) => names.includes(name));
}
