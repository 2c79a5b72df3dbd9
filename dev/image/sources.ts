import { readdirSync, readFileSync, statSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join, normalize } from 'node:path';
import { init, parse } from 'es-module-lexer';

/** An import that leads nowhere; the message names it and the file that it stands in. */
export class BrokenImport extends Error {
  override readonly name = 'BrokenImport';
}

/** What a program is made of. */
export interface Closure {
  /** Its modules, relative to the root, sorted. */
  readonly modules: readonly string[];
  /** The npm packages that they import, sorted. */
  readonly packages: readonly string[];
}

/**
 * Everything that programs import, directly and indirectly. Imports of types are gone when Node runs the sources, so they do not count.
 *
 * @param root the folder that paths are relative to; its package.json holds the `imports` map
 * @param programs modules to begin with
 * @throws BrokenImport
 */
export async function closureOf(root: string, programs: readonly string[]): Promise<Closure> {
  await init;
  // npm's own file; only the form `"#kit/*": "./services/kit/*"` is used in it.
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
      // Not a string, such as `import.meta`.
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

/** The path of an imported module of the repository, undefined if it is another's. */
function localModule(name: string, importer: string, prefixes: readonly (readonly [string, string])[]): string | undefined {
  if (name.startsWith('.')) return join(dirname(importer), name);
  const prefix = prefixes.find(([from]) => name.startsWith(from));
  return prefix && normalize(join(prefix[1], name.slice(prefix[0].length)));
}

/** `@grpc/grpc-js` of `@grpc/grpc-js/build/x.js`. */
function packageOf(name: string): string {
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/');
}

/** All files below a folder, relative to the root, sorted. Empty if there is no such folder. */
export function filesBelow(root: string, folder: string): string[] {
  if (!statSync(join(root, folder), { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name).slice(root.length + 1))
    .toSorted();
}
