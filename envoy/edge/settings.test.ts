import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { publicImage } from './image.ts';
import { edgeSettings, offersPackage } from './settings.ts';

const contracts = readFileSync(new URL('../../gen/image.binpb', import.meta.url));

/** The services that the edge offers with a value of SYSTEMS. */
function offered(SYSTEMS: string | undefined): readonly string[] {
  const settings = edgeSettings({ SYSTEMS });
  return publicImage(contracts, (protoPackage) => offersPackage(settings, protoPackage)).services;
}

describe('the setting SYSTEMS', () => {
  const all = offered(undefined);
  const [first = ''] = all;
  const system = first.slice(0, first.indexOf('.'));

  it('restricts the services of the edge to those of the named systems; other names have no effect', () => {
    const own = all.filter((service) => service.startsWith(`${system}.`));
    expect(own.length).toBeGreaterThan(0);
    expect(offered(system)).toEqual(own);
    expect(offered(`nothing, ${system}`)).toEqual(own);
    expect(offered('nothing')).toEqual([]);
  });

  it('means all systems of the contracts if it is not set', () => {
    expect(offered('')).toEqual(all);
    expect(new Set(all.map((service) => service.split('.')[0])).size).toBeGreaterThan(1);
  });
});
