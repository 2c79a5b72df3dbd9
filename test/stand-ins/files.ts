import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { libraries } from '../../dev/image/machine.ts';

/** What a shell script of an entry point uses. */
const APPLETS = ['sh', 'env', 'grep', 'sed', 'tr', 'cat', 'ls', 'mv', 'rm', 'rmdir', 'mkdir', 'sleep', 'kill', 'id', 'nc', 'wget'];

/** A shell, users and the folders that every system has. */
export function layOutShell(folder: string): void {
  const busybox = execFileSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).trim();
  // Debian's busybox-static: it needs no libraries.
  place(folder, realpathSync(busybox), '/bin/busybox', 0o755);
  // The official images have it too; unlike busybox's shell it can open connections, for checks of their health.
  place(folder, realpathSync('/bin/bash'), '/bin/bash', 0o755);
  copyLibraries(folder, ['/bin/bash']);
  for (const applet of APPLETS) execFileSync('ln', ['-s', 'busybox', join(folder, 'bin', applet)]);
  const users = [
    ['root', 0],
    ['envoy', 101],
    ['postgres', 999],
    ['mongodb', 999],
    ['appuser', 1000],
  ] as const;
  mkdirSync(join(folder, 'etc'), { recursive: true });
  writeFileSync(join(folder, 'etc/passwd'), users.map(([name, id]) => `${name}:x:${id}:${id}::/tmp:/bin/sh\n`).join(''));
  writeFileSync(join(folder, 'etc/group'), users.map(([name, id]) => `${name}:x:${id}:\n`).join(''));
  writeFileSync(join(folder, 'etc/nsswitch.conf'), 'passwd: files\ngroup: files\nhosts: files dns\n');
  emptyFolder(folder, 'tmp');
}

/** Copies a folder, and opens it to every user: engines are unpacked into folders of one user. */
export function copyFolder(source: string, target: string, filter: (path: string) => boolean = () => true): void {
  cpSync(source, target, { recursive: true, verbatimSymlinks: true, filter });
  for (const each of [target, ...readdirSync(target, { recursive: true, encoding: 'utf8' }).map((name) => join(target, name))]) {
    if (statSync(each).isDirectory()) chmodSync(each, 0o755);
  }
}

/** The files below a folder, as absolute paths. */
export function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile())
    .map((each) => join(each.parentPath, each.name));
}

/** Puts the shared libraries of programs where the loader looks for them, apart from those that they bring along. */
export function copyLibraries(folder: string, programs: readonly string[]): void {
  const found = new Set(programs.flatMap((program) => libraries(program)).filter((path) => /^\/(?:usr\/)?lib(?:64)?\//.test(path)));
  for (const path of found) if (!existsSync(join(folder, path))) place(folder, realpathSync(path), path, 0o755);
}

/** Copies a file to a place in a root filesystem. */
export function place(folder: string, source: string, target: string, mode = 0o644): void {
  const path = join(folder, target);
  mkdirSync(dirname(path), { recursive: true });
  copyFileSync(source, path);
  chmodSync(path, mode);
}

/** A folder that any user may write to, where the official image gives it to its own. */
export function emptyFolder(folder: string, path: string): void {
  mkdirSync(join(folder, path), { recursive: true });
  chmodSync(join(folder, path), 0o777);
}
