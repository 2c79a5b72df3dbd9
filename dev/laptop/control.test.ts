import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Control, controlClient, serveControl } from './control.ts';

let folder: string;
let socket: string;
let server: Server;
let done: string[];

/** Notes what it is asked to do. */
function control(): Control {
  const note =
    (what: string) =>
    async (...args: unknown[]) => {
      done.push([what, ...args].join(' '));
    };
  return {
    status: async () => ({ instance: 0, pid: 1, edge: '', ready: true, systems: [], policy: undefined, warnings: [], processes: [] }),
    start: note('start'),
    stop: note('stop'),
    restart: note('restart'),
    kill: note('kill'),
    scale: note('scale'),
    up: note('up'),
    down: note('down'),
    shutdown: note('shutdown'),
  };
}

/** Sends a line as it is. */
async function send(line: string): Promise<unknown> {
  return await new Promise((resolve, reject) => {
    let text = '';
    const connection = connect(socket, () => connection.write(`${line}\n`));
    connection.setEncoding('utf8').on('data', (chunk) => {
      text += chunk;
    });
    connection.on('error', reject);
    connection.on('close', () => resolve(JSON.parse(text)));
  });
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rentmesh-control-'));
  socket = join(folder, 'control.sock');
  done = [];
  server = await serveControl(socket, control());
});
afterEach(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the control socket', () => {
  it.each([
    'x',
    '{',
    'null',
    '[]',
    '"status"',
    '{"command":"constructor"}',
    '{"command":"toString","name":"car"}',
    '{"command":"kill","name":1}',
  ])('answers an error to %s, does nothing, and goes on', async (line) => {
    expect(await send(line)).toEqual({ error: expect.stringContaining('not a request of the control API') });
    expect(done).toEqual([]);
    expect(await controlClient(socket).status()).toMatchObject({ ready: true });
  });

  it('does what it is asked', async () => {
    const client = controlClient(socket);
    await client.kill('car-1', 'SIGTERM');
    await client.scale('car', 2);
    await client.shutdown();
    expect(done).toEqual(['kill car-1 SIGTERM', 'scale car 2', 'shutdown']);
  });

  it('has one server, also if several are started at once', async () => {
    await expect(serveControl(socket, control())).rejects.toMatchObject({ name: 'StartRefused' });
    server.close();
    rmSync(socket, { force: true });
    const fresh = await Promise.allSettled([1, 2, 3].map(() => serveControl(socket, control())));
    const won = fresh.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
    expect(won).toHaveLength(1);
    for (const each of won) each.close();
  });
});
