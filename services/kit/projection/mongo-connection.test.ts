import { once } from 'node:events';
import { createRequire } from 'node:module';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { within } from '../runtime/waiting.ts';
import './mongo-connection.ts';

const require = createRequire(import.meta.url);
// The driver's own classes, which it does not export.
const { Connection } = require('mongodb/lib/cmap/connection.js') as {
  readonly Connection: new (socket: Socket, options: object) => { command(ns: object, command: object, options: object): Promise<unknown> };
};
const { ns, HostAddress } = require('mongodb/lib/utils.js') as {
  ns(name: string): object;
  readonly HostAddress: { fromHostPort(host: string, port: number): object };
};

it('a command on a socket that has just closed fails instead of waiting for ever', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A TCP server's address is never a string.
  const { port } = server.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const connection = new Connection(socket, { id: 1, generation: 0, hostAddress: HostAddress.fromHostPort('127.0.0.1', port) });
  // Its `close` event, by which the driver learns of it, comes later.
  socket.destroy();
  const command = connection.command(ns('admin.$cmd'), { hello: 1 }, {}).catch((error: Error) => error.message);
  expect(await within(5000, command)).toBe(true);
  expect(await command).toContain('closed');
  server.close();
});
