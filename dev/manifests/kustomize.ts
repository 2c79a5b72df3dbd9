import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { home } from '../paths.mjs';

/** The version that is built where neither kubectl nor kustomize is installed. */
const MODULE = 'sigs.k8s.io/kustomize/kustomize/v5@v5.8.3';

/** An object of a manifest. What is in it beyond these fields depends on its kind. */
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

/** No program on this machine can put the parts of a manifest together; the message says what to install. */
export class NoKustomize extends Error {
  override readonly name = 'NoKustomize';
}

/**
 * The command that puts a folder's manifests together: kubectl, kustomize, or kustomize built from its Go module, once.
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
    throw new NoKustomize('Install kubectl or kustomize, or Go to build it: the manifests cannot be put together.');
  return [join(bin, 'kustomize'), 'build'];
}

/** The objects of a Kustomize folder. @throws Error with what Kustomize says */
export function kustomize(folder: string): KubernetesObject[] {
  const [program, ...args] = kustomizeCommand();
  const { status, stdout, stderr } = spawnSync(program, [...args, folder], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (status !== 0) throw new Error(`${folder}: ${stderr}`);
  // What Kustomize prints; the types are checked by the tests.
  return parseAllDocuments(stdout).map((document) => document.toJS() as KubernetesObject);
}
