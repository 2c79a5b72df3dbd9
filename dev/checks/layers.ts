import { dirname, join, normalize } from 'node:path/posix';

/** Imports that a folder must not have. */
export interface Layer {
  readonly folder: string;
  readonly mustNotImport: readonly string[];
}

/** Layers of the repository. Folders end in a slash. */
export const LAYERS: readonly Layer[] = [
  { folder: 'envoy/', mustNotImport: ['dev/', 'services/', 'bench/', 'test/'] },
  { folder: 'dev/', mustNotImport: ['bench/', 'test/'] },
  { folder: 'services/kit/', mustNotImport: ['dev/', 'envoy/', 'bench/', 'test/'] },
  { folder: 'services/', mustNotImport: ['envoy/', 'bench/', 'test/'] },
];

/** Imported modules by importing module, relative to the repository. Imports of types count. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/** Comments at the beginning of a line. JSDoc names types by `import('…')`. */
const COMMENT = /^\s*\/\*[\s\S]*?\*\//gm;

/** `import … from`, `export … from`, `import '…'` and `import('…')`. */
const IMPORT = /\b(?:(?:import|export)\s[^'";()]*?from|import\s*\(?)\s*'(?<name>[^'\n]+)'/g;

/**
 * Reads the imports between modules. Packages, generated code, and files that are not among the modules do not count.
 *
 * @param modules texts by path, relative to the repository
 * @param aliases prefixes of package.json's `imports` with their folders: `#kit/` is `services/kit/`
 */
export function importGraph(modules: ReadonlyMap<string, string>, aliases: ReadonlyMap<string, string>): ImportGraph {
  return new Map(
    [...modules].map(([module, text]) => {
      const imports = [...text.replaceAll(COMMENT, '').matchAll(IMPORT)].flatMap(({ groups = {} }) => {
        const target = resolveImport(groups.name ?? '', module, aliases);
        return target === undefined || !modules.has(target) ? [] : [target];
      });
      return [module, imports];
    }),
  );
}

function resolveImport(name: string, importer: string, aliases: ReadonlyMap<string, string>): string | undefined {
  if (name.startsWith('.')) return join(dirname(importer), name);
  const [prefix, folder] = [...aliases].find(([alias]) => name.startsWith(alias)) ?? [];
  return prefix === undefined || folder === undefined ? undefined : normalize(join(folder, name.slice(prefix.length)));
}

/** Finds imports that leave their layer. @returns one line per import */
export function layerErrors(graph: ImportGraph, layers: readonly Layer[] = LAYERS): string[] {
  return [...graph].flatMap(([module, imports]) => {
    const forbidden = layers.filter(({ folder }) => module.startsWith(folder)).flatMap(({ mustNotImport }) => mustNotImport);
    return imports
      .filter((target) => forbidden.some((folder) => target.startsWith(folder)))
      .map((target) => `${module} imports ${target}: ${module.split('/')[0]}/ must not import ${target.split('/')[0]}/`);
  });
}

/** Finds import cycles. A cycle of types shows that one is in the wrong module. @returns one line per cycle */
export function cycleErrors(graph: ImportGraph): string[] {
  const errors: string[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (module: string): void => {
    const start = path.indexOf(module);
    if (start >= 0) errors.push(`import cycle: ${[...path.slice(start), module].join(' → ')}`);
    if (start >= 0 || done.has(module)) return;
    path.push(module);
    for (const target of graph.get(module) ?? []) visit(target);
    path.pop();
    done.add(module);
  };
  for (const module of graph.keys()) visit(module);
  return errors;
}
