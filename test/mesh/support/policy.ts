import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { askAdmin } from '../../../dev/laptop/admin.ts';
import { adminSocketOf } from '../../../dev/laptop/topology.ts';
import { eventually } from '../../support/eventually.ts';
import { control, system } from '../../support/instance.ts';

/** A policy file of the tested instance: its path, from `mesh/`. */
export function policyFile(path: string): string {
  return join(system.mesh, path);
}

/** Saves a policy file with other content, as an editor that writes in place does. */
export function editPolicy(path: string, edit: (text: string) => string): void {
  const file = policyFile(path);
  const before = readFileSync(file, 'utf8');
  const after = edit(before);
  if (after === before) throw new Error(`the edit of ${path} changes nothing`);
  writeFileSync(file, after);
}

/** Runs work and returns its result, and brings the policy file back to what it was, in force again. */
export async function restoring<T>(path: string, work: () => Promise<T>): Promise<T> {
  const file = policyFile(path);
  const before = readFileSync(file, 'utf8');
  try {
    return await work();
  } finally {
    const { policy } = await control.status();
    writeFileSync(file, before);
    // Its times have changed, so that it is read again, even if its content has not.
    await eventually('the policies are read again', async () => {
      const now = (await control.status()).policy;
      if (now?.ok !== true || now.at === policy?.at) throw new Error(`the policies' status is ${JSON.stringify(now)}`);
    });
  }
}

/** An Envoy of the tested instance: the name of its workload, and the Unix socket of its admin interface. */
export interface TestedEnvoy {
  readonly name: string;
  readonly admin: string;
}

/** Every Envoy that there is from the start and sees the services of a system. The observer's sees its own service alone. */
export const envoys: readonly TestedEnvoy[] = [...system.pods.map(({ workload }) => workload), system.edge]
  .filter(({ namespace }) => namespace !== 'rentmesh')
  .map(({ name, address }) => ({ name, admin: adminSocketOf(system, { address }) }));

/** What an Envoy's admin interface answers at a path. */
export async function admin(envoy: TestedEnvoy, path: string): Promise<string> {
  return await askAdmin(envoy.admin, path, 10_000);
}

/** The configuration that an Envoy runs with: its clusters and routes, as JSON. */
export async function configOf(envoy: TestedEnvoy): Promise<string> {
  const [clusters, routes] = await Promise.all(
    ['dynamic_active_clusters', 'dynamic_route_configs'].map((resource) => admin(envoy, `/config_dump?resource=${resource}`)),
  );
  return `${clusters}\n${routes}`;
}

/** Waits until the configuration of every Envoy is as `isWanted` says. */
export async function untilEverywhere(isWanted: (config: string) => boolean): Promise<void> {
  let waiting = envoys;
  await eventually('every Envoy has the policies', async () => {
    const found = await Promise.all(waiting.map(async (envoy) => ({ envoy, ok: isWanted(await configOf(envoy)) })));
    waiting = found.filter(({ ok }) => !ok).map(({ envoy }) => envoy);
    expect(
      waiting.map(({ name }) => name),
      'Envoys without the policies',
    ).toEqual([]);
  });
}
