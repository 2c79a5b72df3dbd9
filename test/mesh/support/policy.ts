import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { podPorts } from '../../../dev/topology.ts';
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

/** Runs work, and brings the policy file back to what it was, in force again. */
export async function restoring(path: string, work: () => Promise<void>): Promise<void> {
  const file = policyFile(path);
  const before = readFileSync(file, 'utf8');
  try {
    await work();
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

/** An Envoy of the tested instance: the name of its workload, and the URL of its admin interface. */
export interface TestedEnvoy {
  readonly name: string;
  readonly admin: string;
}

/** Every Envoy that there is from the start. */
export const envoys: readonly TestedEnvoy[] = [...system.pods.map(({ workload }) => workload), system.edge].map(({ name, address }) => ({
  name,
  admin: `http://${address}:${podPorts.admin}`,
}));

/** What an Envoy's admin interface answers at a path. */
export async function admin(envoy: TestedEnvoy, path: string): Promise<string> {
  const response = await fetch(`${envoy.admin}${path}`);
  return await response.text();
}

/** The configuration that an Envoy runs with: its clusters and routes, as JSON. */
export async function configOf(envoy: TestedEnvoy): Promise<string> {
  const [clusters, routes] = await Promise.all(
    ['dynamic_active_clusters', 'dynamic_route_configs'].map((resource) => admin(envoy, `/config_dump?resource=${resource}`)),
  );
  return `${clusters}\n${routes}`;
}

/**
 * The milliseconds until the configuration of every Envoy is as `isWanted` says.
 *
 * @throws Error naming the Envoys that do not have it after 5 s
 */
export async function untilEverywhere(isWanted: (config: string) => boolean): Promise<number> {
  const start = performance.now();
  for (let waiting = envoys; ; ) {
    const found = await Promise.all(waiting.map(async (envoy) => ({ envoy, ok: isWanted(await configOf(envoy)) })));
    const milliseconds = performance.now() - start;
    waiting = found.filter(({ ok }) => !ok).map(({ envoy }) => envoy);
    if (waiting.length === 0) return milliseconds;
    if (milliseconds > 5_000) throw new Error(`not in force after 5 s in: ${waiting.map(({ name }) => name).join(', ')}`);
    await sleep(20);
  }
}
