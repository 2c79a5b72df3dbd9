import { statSync } from 'node:fs';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { adminSocketOf } from '../../dev/laptop/topology.ts';
import { system } from '../support/instance.ts';

/** How a connection to an address ends: `connect`, or the code of the error. */
async function reach(host: string, port: number): Promise<string> {
  const socket = connect({ host, port });
  try {
    return await new Promise((resolve) => {
      socket.once('connect', () => resolve('connect'));
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    });
  } finally {
    socket.destroy();
  }
}

it('no page and no other user reaches the admin interface of an Envoy', async () => {
  for (const workload of [...system.pods.map((pod) => pod.workload), system.edge]) {
    expect(await reach(workload.address, 15000)).toBe('ECONNREFUSED');
    const socket = statSync(adminSocketOf(system, workload));
    expect(socket.isSocket()).toBe(true);
    expect(socket.mode & 0o777).toBe(0o600);
  }
});
