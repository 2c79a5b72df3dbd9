import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { composeFile, environmentFile } from './compose/compose.ts';
import { prometheusFile } from './compose/prometheus.ts';
import { type ImageDigests, imageDigests, withDigests } from './images.ts';
import { istioSupport } from './istio/support.ts';
import { kubernetesFiles } from './kubernetes/files.ts';
import type { DeployedSystem } from './systems.ts';
import { HEADER } from './yaml.ts';

/** The generated files of a repository by path, relative to it. */
export type GeneratedFiles = ReadonlyMap<string, string>;

/** Generates docker-compose.yml, the template of its .env, the targets of Prometheus, the list of supported kinds, and the manifests. */
export function generatedFiles(
  systems: readonly DeployedSystem[],
  policies: (system: string) => readonly string[],
  digests: ImageDigests = imageDigests(),
): GeneratedFiles {
  const files: [string, string][] = [
    ['docker-compose.yml', withDigests(composeFile(systems), digests)],
    ['dev/compose/env.example', environmentFile(systems)],
    ['dev/compose/dashboards/prometheus.yml', prometheusFile(systems)],
    ['docs/istio-support.md', istioSupport()],
    ...kubernetesFiles(systems, policies, digests),
  ];
  return new Map(files);
}

/** Returns the names of the hand-written policy files of a system, sorted. */
export function policyFiles(repository: string, system: string): string[] {
  const folder = join(repository, 'mesh', system);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => /\.ya?ml$/.test(name) && !readFileSync(join(folder, name), 'utf8').startsWith(HEADER))
    .toSorted();
}

/** A generated file that differs from the repository's. */
export interface Difference {
  readonly path: string;
  readonly kind: 'missing' | 'outdated' | 'stale';
}

/** Compares generated files with those of a repository. A stale file was generated for a system or service that is gone. */
export function differences(repository: string, files: GeneratedFiles): Difference[] {
  const stale = generatedPaths(repository).filter((path) => !files.has(path));
  return [
    ...[...files].flatMap(([path, text]): Difference[] => {
      if (!existsSync(join(repository, path))) return [{ path, kind: 'missing' }];
      return readFileSync(join(repository, path), 'utf8') === text ? [] : [{ path, kind: 'outdated' }];
    }),
    ...stale.map((path): Difference => ({ path, kind: 'stale' })),
  ];
}

/** Writes the files that differ and deletes stale ones. @returns what differed */
export function writeFiles(repository: string, files: GeneratedFiles): Difference[] {
  const found = differences(repository, files);
  for (const { path } of found) {
    const target = join(repository, path);
    const text = files.get(path);
    if (text === undefined) rmSync(target);
    else {
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, text);
    }
  }
  return found;
}

/** Paths of the files in mesh/ that begin with the header of generated files. */
function generatedPaths(repository: string): string[] {
  const folder = join(repository, 'mesh');
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.yaml'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => readFileSync(path, 'utf8').startsWith(HEADER))
    .map((path) => relative(repository, path));
}
