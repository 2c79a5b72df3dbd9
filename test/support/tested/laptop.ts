import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { engines } from '../../../dev/engines/engines.ts';
import { askAdmin } from '../../../dev/laptop/admin.ts';
import { setFaults } from '../../../dev/laptop/faults.ts';
import { adminSocketOf } from '../../../dev/laptop/topology.ts';
import { eventually } from '../eventually.ts';
import { control, podAddress, system } from '../instance.ts';
import { changed } from './change.ts';
import type { Tested } from './tested.ts';

/** The texts of the policy files that were changed, as they were before. */
const originals = new Map<string, string>();

/** The instance that the tests have started on this machine. */
export const laptop: Tested = {
  name: 'laptop',
  control,
  addressOf: async (replica) => podAddress(replica),
  admin: async (replica, path) => {
    return await askAdmin(adminSocketOf(system, { address: podAddress(replica) }), path, 10_000);
  },
  setFaults: async (name, faults) => {
    await setFaults(control, name, faults);
  },
  withStores: async (work) => await work(engines(system).stores),
  changePolicy: async (file, changes) => {
    const path = join(system.mesh, file);
    const before = readFileSync(path, 'utf8');
    if (!originals.has(path)) originals.set(path, before);
    await save(path, changed(file, before, changes));
  },
  restorePolicies: async () => {
    for (const [path, text] of originals) {
      await save(path, text);
      originals.delete(path);
    }
  },
};

async function save(path: string, text: string): Promise<void> {
  const before = (await control.status()).policy;
  writeFileSync(path, text);
  const look = async () => {
    const { policy } = await control.status();
    expect(policy?.error).toBeUndefined();
    expect(policy?.at).not.toBe(before?.at);
  };
  await eventually(`what was saved in ${path} is in force`, look);
}
