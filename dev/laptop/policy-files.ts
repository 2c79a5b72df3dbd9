import { relative } from 'node:path';
import { yamlFiles } from '../../envoy/policy/mesh.ts';
import { systems } from '../systems/systems.ts';

/**
 * Returns the policy files below a folder, without the folders of systems that do not run. Paths are relative to the
 * working directory, as people read them in errors and editors link them.
 *
 * @param running names of the systems that run
 */
export function policyFiles(folder: string, running: ReadonlySet<string>): string[] {
  const absent = new Set(systems.map(({ name }) => name).filter((name) => !running.has(name)));
  return yamlFiles(folder)
    .filter((file) => !absent.has(relative(folder, file).split('/')[0] ?? ''))
    .map((file) => relative(process.cwd(), file));
}
