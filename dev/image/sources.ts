import { readdirSync, readFileSync, statSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join, normalize } from 'node:path';
import { init, parse } from 'es-module-lexer';

/** An import of a file that does not exist. The message names the import and the importing file. */
export class BrokenImport extends Error {
  override readonly name = 'BrokenImport';
}

/** Modules and packages that a program imports. */
export interface Closure {
  /** Modules, relative to the root, sorted. */
  readonly modules: readonly string[];
  /** npm packages that the modules import, sorted. */
  readonly packages: readonly string[];
}

/**
 * Returns everything that programs import, directly and indirectly, except types, which Node removes.
 *
 * @param root folder of package.json, whose `imports` map applies; paths are relative to it
 * @param programs modules to start from
 * @throws BrokenImport
 */
export async function closureOf(root: string, programs: readonly string[]): Promise<Closure> {
  await init;
  // Our own file. Every entry has the form `"#kit/*": "./services/kit/*"`.
  const { imports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { imports: Record<string, string> };
  const prefixes = Object.entries(imports).map(([from, to]) => [from.replace('*', ''), to.replace('*', '')] as const);
  const modules = new Set<string>();
  const packages = new Set<string>();
  const visit = (module: string): void => {
    if (modules.has(module)) return;
    modules.add(module);
    const text = readFileSync(join(root, module), 'utf8');
    const [found] = parse(module.endsWith('.ts') ? stripTypeScriptTypes(text) : text);
    for (const { n: name } of found) {
      // `import.meta` has no name.
      if (name === undefined || name.startsWith('node:')) continue;
      const target = localModule(name, module, prefixes);
      if (target === undefined) packages.add(packageOf(name));
      else if (statSync(join(root, target), { throwIfNoEntry: false })?.isFile()) visit(target);
      else throw new BrokenImport(`${module} imports ${name}, and there is no ${target}.`);
    }
  };
  for (const program of programs) visit(normalize(program));
  return { modules: [...modules].toSorted(), packages: [...packages].toSorted() };
}

/** Returns the path of an imported module of the repository; undefined for a package. */
function localModule(name: string, importer: string, prefixes: readonly (readonly [string, string])[]): string | undefined {
  if (name.startsWith('.')) return join(dirname(importer), name);
  const prefix = prefixes.find(([from]) => name.startsWith(from));
  return prefix && normalize(join(prefix[1], name.slice(prefix[0].length)));
}

/** Returns the package of an import: `@grpc/grpc-js` of `@grpc/grpc-js/build/x.js`. */
function packageOf(name: string): string {
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
}

/** Returns all files below a folder, relative to the root, sorted; empty if the folder does not exist. */
export function filesBelow(root: string, folder: string): string[] {
  if (!statSync(join(root, folder), { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name).slice(root.length + 1))
    .toSorted();
}
