import { credentials } from '@grpc/grpc-js';
import { FaultServiceClient, Faults } from '#proto/rentmesh/fault/v1/fault.ts';
import type { SystemStatus } from '../laptop/control.ts';
import { podPorts } from '../laptop/topology.ts';

/** A demonstration cannot begin; the message is one sentence for the person who asked for it. */
export class DemoRefused extends Error {
  override readonly name = 'DemoRefused';
}

type ReadyStatus = Pick<SystemStatus, 'ready' | 'systems' | 'processes' | 'policy'>;

/** Checks that a system and everything else runs, under the policies as saved. @throws DemoRefused */
export function requireReady({ ready, systems, processes, policy }: ReadyStatus, system: string): void {
  if (!ready) throw new DemoRefused('Rentmesh is still starting, or stopping: try again when `npm run status` shows it ready.');
  if (!systems.includes(system)) throw new DemoRefused(`${system} does not run: \`npm run up -- ${system}\` adds it.`);
  const unwell = processes.find(({ state }) => state !== 'ready');
  if (unwell !== undefined)
    throw new DemoRefused(`${unwell.name} is ${unwell.state}: \`npm run service -- start ${unwell.name}\` starts it.`);
  if (policy?.ok === false) throw new DemoRefused(`The policy files have an error, and those before it are in force: ${policy.error}`);
}

/** Checks that replicas accept faults and have none. @throws DemoRefused */
export async function requireNoFaults(replicas: readonly { readonly name: string; readonly address: string }[]): Promise<void> {
  for (const { name, address } of replicas) {
    if (Faults.encode(await readFaults(name, address)).finish().length > 0)
      throw new DemoRefused(`${name} has faults set already: \`npm run service -- fault ${name} off\` ends them.`);
  }
}

async function readFaults(name: string, address: string): Promise<Faults> {
  const client = new FaultServiceClient(`${address}:${podPorts.service}`, credentials.createInsecure());
  try {
    return await new Promise((resolve, reject) => {
      client.getFaults({}, (error, response) => {
        if (error === null) resolve(response.faults ?? Faults.fromPartial({}));
        else reject(new DemoRefused(`${name} refuses faults (${error.details}): start it with FAULT_INJECTION=allowed.`));
      });
    });
  } finally {
    client.close();
  }
}
