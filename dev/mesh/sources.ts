import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { yamlFiles } from '../../envoy/policy/mesh.ts';

/** A file with its text. */
export interface SourceFile {
  readonly file: string;
  readonly text: string;
}

/** The YAML files below folders (and files named themselves), named as they are seen from the working directory. */
export function readSources(paths: readonly string[]): SourceFile[] {
  return paths.flatMap(yamlFiles).map((path) => ({ file: shortName(path), text: readFileSync(path, 'utf8') }));
}

/** A path as it is seen from the working directory; absolute where it is outside. */
export function shortName(path: string): string {
  const name = relative(process.cwd(), resolve(path));
  return name.startsWith('..') ? resolve(path) : name || '.';
}
