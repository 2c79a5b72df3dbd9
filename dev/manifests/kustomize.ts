import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { home } from '../paths.mjs';

/** The version to build where neither kubectl nor kustomize is installed. */
const MODULE = 'sigs.k8s.io/kustomize/kustomize/v5@v5.8.3';

/** An object of a manifest. Its other fields depend on its kind. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: unknown;
}

/** Neither Kustomize nor Go is installed. The message says what to install. */
export class NoKustomize extends Error {
  override readonly name = 'NoKustomize';
}

/**
 * Returns the command that builds a Kustomize folder: kubectl, kustomize, or kustomize built once from its Go module.
 *
 * @throws NoKustomize
 */
export function kustomizeCommand(): readonly [string, ...string[]] {
  const candidates: [string, ...string[]][] = [
    ['kubectl', 'kustomize'],
    ['kustomize', 'build'],
    [join(home, 'bin', 'kustomize'), 'build'],
  ];
  for (const [program, ...args] of candidates) {
    const { status, error } = spawnSync(program, [...args, '--help'], { stdio: 'ignore' });
    if (error === undefined && status === 0) return [program, ...args];
  }
  const bin = join(home, 'bin');
  mkdirSync(bin, { recursive: true });
  spawnSync('go', ['install', MODULE], { stdio: 'ignore', env: { ...process.env, GOBIN: bin, GOFLAGS: '-mod=mod' } });
  if (!existsSync(join(bin, 'kustomize')))
    throw new NoKustomize('Install kubectl or kustomize, or Go to build it: the manifests cannot be built.');
  return [join(bin, 'kustomize'), 'build'];
}

/** Builds a Kustomize folder. @throws Error with the message of Kustomize */
export function kustomize(folder: string): KubernetesObject[] {
  const [program, ...args] = kustomizeCommand();
  const { status, stdout, stderr } = spawnSync(program, [...args, folder], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (status !== 0) throw new Error(`${folder}: ${stderr}`);
  // The output of Kustomize; tests check the types.
  return parseAllDocuments(stdout).map((document) => document.toJS() as KubernetesObject);
}
