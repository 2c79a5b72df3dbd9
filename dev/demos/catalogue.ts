import { systems } from '../systems/systems.ts';
import type { Demo } from './demo.ts';

/** A demonstration and its system. */
export interface ListedDemo {
  /** `rentcar`. */
  readonly system: string;
  readonly demo: Demo;
}

/** Returns the demonstrations of all systems, by system. */
export async function listDemos(): Promise<ListedDemo[]> {
  const lists = systems.map(async ({ name: system, demos }) => {
    const listed = await demos?.();
    return listed?.demos.map((demo): ListedDemo => ({ system, demo })) ?? [];
  });
  return (await Promise.all(lists)).flat();
}

/** Returns the shortest name that means one demonstration only: `circuit`, or `rentcar/circuit`. */
export function nameOf({ system, demo: { name } }: ListedDemo, listed: readonly ListedDemo[]): string {
  return listed.filter(({ demo }) => demo.name === name).length === 1 ? name : `${system}/${name}`;
}

/**
 * Finds a demonstration by its name, or by its system and name: `circuit`, `rentcar/circuit`.
 *
 * @throws RangeError listing the names, if none or several have it
 */
export function findDemo(name: string, listed: readonly ListedDemo[]): ListedDemo {
  const found = listed.filter(({ system, demo }) => name === demo.name || name === `${system}/${demo.name}`);
  if (found.length === 1 && found[0] !== undefined) return found[0];
  const several = found.map(({ system, demo }) => `${system}/${demo.name}`).join(', ');
  if (found.length > 1) throw new RangeError(`several systems have a demonstration "${name}": ${several}`);
  throw new RangeError(`there is no demonstration "${name}"; there are: ${listed.map((each) => nameOf(each, listed)).join(', ')}`);
}
