import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { home, root } from '../paths.mjs';
import type { KubernetesObject } from './kustomize.ts';

/**
 * Checks objects against the types of the Kubernetes API and of Istio's resources: unknown fields, missing fields, wrong types. The TypeScript
 * compiler checks the objects as literals of those types, without a cluster.
 *
 * @returns one line per error
 */
export function typeErrors(objects: readonly KubernetesObject[]): string[] {
  mkdirSync(home, { recursive: true });
  // Inside the repository, where the compiler finds the types.
  const folder = mkdtempSync(join(home, '.draft-manifests-'));
  try {
    const file = join(folder, 'manifests.ts');
    writeFileSync(file, objects.map(literal).join('\n'));
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({
        compilerOptions: { target: 'ES2025', module: 'NodeNext', strict: true, noEmit: true, skipLibCheck: true, types: [] },
        files: ['manifests.ts'],
      }),
    );
    const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
    const { status, stdout, stderr } = spawnSync(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], { encoding: 'utf8' });
    return status === 0
      ? []
      : (stdout + stderr)
          .split('\n')
          .filter((line) => /error TS/.test(line))
          .map((line) => explain(line, objects));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One object per line, so that the line of an error identifies the object. */
function literal(object: KubernetesObject, index: number): string {
  const { apiVersion, kind } = object;
  const group = apiVersion.includes('istio.io') ? '@kubernetes-models/istio' : 'kubernetes-models';
  return `export const object${index}: import('${group}/${apiVersion}/${kind}').I${kind} = ${JSON.stringify(object)};`;
}

function explain(line: string, objects: readonly KubernetesObject[]): string {
  const [, number = '0', message = line] = /manifests\.ts\((\d+),\d+\): error \w+: (.*)/.exec(line) ?? [];
  const object = objects[Number(number) - 1];
  return object === undefined ? line : `${object.kind} ${object.metadata.namespace ?? ''}/${object.metadata.name}: ${message}`;
}
