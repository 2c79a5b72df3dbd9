import { type Signal, signal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { type Problem, type ProblemWords, problemOf } from '../api/problem.ts';
import type { IconShape } from '../ui/icon.tsx';
import type { Area } from './areas.ts';

/** Title and summary of each system by name. The build defines the constant (vite.config.ts). */
declare const SYSTEM_TITLES: Readonly<Record<string, { readonly title: string; readonly summary: string }>>;

/** The pages of a system. Each folder of src/systems/ exports one as default from index.tsx, in a bundle of its own. */
export interface SystemPages {
  readonly areas: readonly Area[];
  /** Components by path below `/app/<system>/`, as `items/:id`. */
  readonly routes: Readonly<Record<string, ComponentType>>;
  /** Words for the error reasons of the system. */
  readonly problems: Readonly<Record<string, ProblemWords>>;
}

/** Optional icons for the start page, in the first bundle. */
const icons = import.meta.glob<IconShape>('../systems/*/icon.ts', { eager: true, import: 'icon' });
const loaders = import.meta.glob<SystemPages>('../systems/*/index.tsx', { import: 'default' });

/** The running systems. `names` stays undefined until the first answer of the gateway. */
export interface Running {
  readonly names: readonly string[] | undefined;
  readonly problem: Problem | undefined;
}

export const running: Signal<Running> = signal({ names: undefined, problem: undefined });

/** Asks the gateway which systems run. */
export async function loadRunning(): Promise<void> {
  try {
    const response = await fetch('/app/systems.json');
    if (!response.ok) throw new Error(`HTTP status ${response.status}`);
    running.value = { names: await response.json(), problem: undefined };
  } catch (error) {
    running.value = { ...running.value, problem: problemOf(error) };
  }
}

/** Describes a system on the start page. */
export function aboutOf(name: string): { readonly title: string; readonly summary: string; readonly icon: IconShape } {
  const { title, summary } = SYSTEM_TITLES[name] ?? { title: name, summary: '' };
  return { title, summary, icon: icons[`../systems/${name}/icon.ts`] ?? 'screen' };
}

export function hasPages(name: string): boolean {
  return `../systems/${name}/index.tsx` in loaders;
}

/** Returns the system of a path: `x` for `/app/x/…`. Undefined for other pages. */
export function systemOf(path: string): string | undefined {
  const name = path.split('/')[2] ?? '';
  return hasPages(name) ? name : undefined;
}

const loaded: Signal<ReadonlyMap<string, SystemPages | Error>> = signal(new Map());

/** Returns the pages of a system once they are loaded. Throws if the download failed. */
export function loadedPages(name: string): SystemPages | undefined {
  const pages = loaded.value.get(name);
  if (pages instanceof Error) throw pages;
  return pages;
}

/** Loads the bundle of a system. */
export async function loadPages(name: string): Promise<void> {
  const load = loaders[`../systems/${name}/index.tsx`];
  if (load === undefined || loaded.value.has(name)) return;
  const pages = await load().catch((cause: unknown) => new Error(`the pages of ${name} did not load`, { cause }));
  loaded.value = new Map([...loaded.value, [name, pages]]);
}
