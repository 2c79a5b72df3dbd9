import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Files that no running service reads: TypeScript (Node refuses to run it below node_modules), source maps, tests, and documentation.
 * Licences stay.
 */
const UNUSED = /\.test\.[cm]?js$|\.(?:[cm]?ts|map|md|markdown|tsbuildinfo|flow)$|^\.(?!package-lock)/i;

/** Top-level folders of a package that only its developers need. */
const DEVELOPMENT = new Set(['test', 'tests', '__tests__', 'bench', 'benchmark', 'benchmarks', 'docs', 'example', 'examples', '.github']);

/** Packages that contain only types. */
const TYPES_ONLY = /^node_modules\/(?:.*\/)?@types\//;

/** Part of an entry of `packages` in package-lock.json. */
interface Locked {
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly optional?: boolean;
}

/**
 * Returns the files of node_modules that a running service may need: the packages of `npm ci --omit=dev`, without the files that no
 * program reads.
 *
 * @param root folder of package-lock.json and node_modules
 * @returns paths relative to the root, sorted
 */
export function packageFiles(root: string): string[] {
  // npm's own file.
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, Locked> };
  return Object.entries(packages)
    .filter(([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional && !TYPES_ONLY.test(path))
    .flatMap(([path, { optional }]) => {
      if (existsSync(join(root, path))) return filesOf(root, path);
      if (optional) return [];
      throw new Error(`${path} is in package-lock.json and not installed: run npm ci.`);
    })
    .toSorted();
}

/** Files of a package, without nested packages: those have entries of their own. */
function filesOf(root: string, folder: string, isTop = true): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((each) => {
    const path = join(folder, each.name);
    if (each.isDirectory()) return each.name === 'node_modules' || (isTop && DEVELOPMENT.has(each.name)) ? [] : filesOf(root, path, false);
    return each.isFile() && !UNUSED.test(each.name) ? [path] : [];
  });
}
