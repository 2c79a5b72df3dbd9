import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../paths.mjs';

/** Reads the files that git tracks or would add. @returns texts by path, relative to the repository */
export function trackedFiles(names: RegExp): Map<string, string> {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], { cwd: root, encoding: 'utf8' });
  const paths = listed.split('\0').filter((path) => names.test(path));
  return new Map(
    paths.flatMap((path) => {
      try {
        return [[path, readFileSync(join(root, path), 'utf8')] as const];
      } catch {
        // Deleted and not committed yet.
        return [];
      }
    }),
  );
}
