import { readFileSync, statSync } from 'node:fs';

export interface SystemsOptions {
  /** A file with the names, separated by white space or commas. Replaced by rename when the names change. */
  readonly file: string | undefined;
  /** The names if there is no file. */
  readonly names: readonly string[] | undefined;
  /** All systems of the contracts. The default, and the only names that count: Compose profiles have others as well. */
  readonly all: readonly string[];
}

/**
 * Returns a function that returns the names of the running systems, sorted. It looks at the file each time, so that a system is
 * served as soon as `npm run up` says that it is ready.
 */
export function runningSystems({ file, names, all }: SystemsOptions): () => ReadonlySet<string> {
  const known = (some: readonly string[]) => new Set(some.filter((name) => all.includes(name)).sort());
  const fallback = known(names ?? all);
  if (file === undefined) return () => fallback;
  let version = '';
  let current: ReadonlySet<string> = fallback;
  return () => {
    const stat = statSync(file, { throwIfNoEntry: false });
    const latest = stat === undefined ? '' : `${stat.ino} ${stat.mtimeMs}`;
    if (latest !== version) current = stat === undefined ? fallback : known(splitNames(readFileSync(file, 'utf8')));
    version = latest;
    return current;
  };
}

/** Splits a list of names at white space and commas. */
export function splitNames(text: string): string[] {
  return text.split(/[\s,]+/).filter((name) => name !== '');
}

/** The namespace of contracts that belong to no system, such as `rentmesh.observer.v1`. They are always served. */
export const PLATFORM = 'rentmesh';

/** Returns the first word of a proto name: `one` for `one.thing.v1.ThingService`. */
export function systemOf(name: string): string {
  return name.slice(0, name.indexOf('.'));
}
