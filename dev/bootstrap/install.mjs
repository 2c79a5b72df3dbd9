// What the steps of an installation are made with: the Node that is used, folders put in place by rename, hashes of what was read.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { engineFolders, home, root } from '../paths.mjs';
import { processStart } from './lock.mjs';
import { nodePins } from './pins.mjs';
import { Refusal } from './tools.mjs';

const [major] = process.versions.node.split('.').map(Number);

/** Whether the Node that runs this can run the TypeScript sources. */
export const nodeIsRecent = (major ?? 0) >= 26;

/** The npm package that holds a Node for this machine; undefined where there is none. */
export const nodePackage = nodePins[`${process.platform}-${process.arch}`];

/** The Node that everything else runs on. */
export const node = nodeIsRecent ? process.execPath : join(engineFolders.node, 'node_modules', nodePackage?.name ?? '', 'bin', 'node');

/**
 * The environment of everything that is started: that Node first on the PATH, and nothing of the npm that may have started this.
 * Node keeps compiled code between starts: services and commands start in half the time.
 */
export function environment() {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^npm_(package|lifecycle|command|config_local_prefix|config_prefix)/.test(name),
  );
  return {
    ...Object.fromEntries(kept),
    PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`,
    NODE_COMPILE_CACHE: join(home, 'compile-cache'),
  };
}

/** The npm that came with the machine's Node; it runs on Node 26 too. */
export function npmCli() {
  const started = process.env.npm_execpath;
  if (started !== undefined && basename(started) === 'npm-cli.js' && existsSync(started)) return started;
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const npm = join(folder, 'npm');
    if (existsSync(npm) && basename(realpathSync(npm)) === 'npm-cli.js') return realpathSync(npm);
  }
  throw new Refusal('npm is missing: install it beside Node.');
}

/**
 * Fills a new folder and puts it in place when it is complete; another version's folder beside it goes.
 * @param {string} target
 * @param {(folder: string) => Promise<void>} fill
 */
export async function folderByRename(target, fill) {
  mkdirSync(dirname(target), { recursive: true });
  const draft = mkdtempSync(join(dirname(target), '.draft-'));
  try {
    await fill(draft);
    rmSync(target, { recursive: true, force: true });
    renameSync(draft, target);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Removes what interrupted runs left; call it with the lock held. */
export function sweepDrafts() {
  for (const folder of [home, join(home, 'engines'), join(root, 'gen')].filter(existsSync))
    for (const each of readdirSync(folder)) {
      // Living processes that wait for the lock have such a file too.
      const waiting = /^\.(?:dead-)?lock-(\d+)$/.exec(each);
      const left = waiting === null ? each.startsWith('.draft-') : processStart(Number(waiting[1])) === undefined;
      if (left) rmSync(join(folder, each), { recursive: true, force: true });
    }
}

/** Removes other versions of an engine. @param {string} folder */
export function sweep(folder) {
  const family = `${basename(folder).split('-')[0]}-`;
  for (const each of readdirSync(dirname(folder)))
    if (each !== basename(folder) && each.startsWith(family)) rmSync(join(dirname(folder), each), { recursive: true, force: true });
}

/**
 * Whether node_modules holds what package-lock.json asks for. npm writes node_modules/.package-lock.json last, so an interrupted install
 * has none. Optional packages are those of other platforms.
 * @param {string} wanted text of package-lock.json
 * @param {string | undefined} installed text of node_modules/.package-lock.json
 */
export function packagesAreInstalled(wanted, installed) {
  if (installed === undefined) return false;
  const there = JSON.parse(installed).packages;
  /** @type {[string, { version?: string, integrity?: string, optional?: boolean }][]} */
  const entries = Object.entries(JSON.parse(wanted).packages);
  return entries.every(([path, { version, integrity, optional }]) => {
    const found = there[path];
    return path === '' || (found === undefined ? optional === true : found.version === version && found.integrity === integrity);
  });
}

/** @param {string} file */
export const readIfThere = (file) => (existsSync(file) ? readFileSync(file, 'utf8') : undefined);

/**
 * A hash of files and of all files below folders, names included.
 * @param {readonly string[]} paths
 */
export function hashOf(paths) {
  const hash = createHash('sha256');
  /** @param {string} path */
  const add = (path) => {
    if (!existsSync(path)) return;
    if (statSync(path).isDirectory()) for (const each of readdirSync(path).sort()) add(join(path, each));
    else
      hash
        .update(`${path.slice(root.length)}\0`)
        .update(readFileSync(path))
        .update('\0');
  };
  for (const path of paths) add(path);
  return hash.digest('hex');
}
