import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What no running service reads: sources and declarations in TypeScript (Node refuses to run TypeScript below node_modules), source maps, tests, texts
 * for people. Licences stay.
 */
const UNUSED = /\.test\.[cm]?js$|\.(?:[cm]?ts|map|md|markdown|tsbuildinfo|flow)$|^\.(?!package-lock)/i;

/** Folders at the top of a package that are for its own developers. */
const DEVELOPMENT = new Set(['test', 'tests', '__tests__', 'bench', 'benchmark', 'benchmarks', 'docs', 'example', 'examples', '.github']);

/** Packages that hold nothing but types. */
const TYPES_ONLY = /^node_modules\/(?:.*\/)?@types\//;

/** One entry of `packages` in package-lock.json, as far as it is read. */
interface Locked {
  readonly dev?: boolean;
  readonly devOptional?: boolean;
  readonly optional?: boolean;
}

/**
 * The files of node_modules that a running service may need: those of the packages that package-lock.json does not mark as needed by
 * development only, so what `npm ci --omit=dev` would install, without what no program reads.
 *
 * @param root where package-lock.json and node_modules are
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

/** Files of a folder, without the packages that are nested in it: those have entries of their own. */
function filesOf(root: string, folder: string, isTop = true): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((each) => {
    const path = join(folder, each.name);
    if (each.isDirectory()) return each.name === 'node_modules' || (isTop && DEVELOPMENT.has(each.name)) ? [] : filesOf(root, path, false);
    return each.isFile() && !UNUSED.test(each.name) ? [path] : [];
  });
}
