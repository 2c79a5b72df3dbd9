import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { home, root } from '../../../dev/paths.mjs';
import { docker, run } from './docker.ts';

/** What each set of stand-ins is for, as test/stand-ins/main.ts names them, and the folder of its archives. */
const FOLDERS = { engines: 'stand-ins', dashboards: 'dashboards', bases: 'bases' } as const;

/** A set of stand-ins. */
export type StandIns = keyof typeof FOLDERS;

/** Node takes types out of the sources, to find what they import, by a function that is marked as experimental. */
const command = (file: string, ...args: string[]) => run(process.execPath, ['--disable-warning=ExperimentalWarning', file, ...args]);

/** Makes the image of the services. @returns its archive */
export async function makeImage(): Promise<string> {
  await command('dev/commands/image.ts');
  return join(home, 'image', 'rentmesh.tar');
}

/** Makes a set of stand-ins, unless it is newer than what makes it. @returns their archives */
export async function makeStandIns(set: StandIns): Promise<string[]> {
  const folder = join(home, 'image', FOLDERS[set]);
  const made = Math.max(...times(join(root, 'test', 'stand-ins'), /\.(?:ts|sh)$/).map(({ time }) => time));
  const there = () => times(folder, /\.tar$/);
  if (there().length === 0 || there().some(({ time }) => time < made)) {
    console.log(`  making stand-ins of the ${set}`);
    await command('test/stand-ins/main.ts', set);
  }
  return there().map(({ path }) => path);
}

/** Gives images to the engine. */
export async function load(archives: readonly string[]): Promise<void> {
  for (const archive of archives) await docker('load', '--quiet', '--input', archive);
}

function times(folder: string, ending: RegExp): { path: string; time: number }[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => ending.test(name))
    .map((name) => ({ path: join(folder, name), time: statSync(join(folder, name)).mtimeMs }));
}
