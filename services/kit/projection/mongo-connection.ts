import { createRequire } from 'node:module';

// The driver does not export the class that is patched here.
const require = createRequire(import.meta.url);

/** A connection of the MongoDB driver to a server, as far as used here. */
interface Connection {
  /** Why the connection was closed. */
  readonly error: Error | null;
  once(event: 'close', listener: () => void): unknown;
  off(event: 'close', listener: () => void): unknown;
  writeCommand(...args: unknown[]): Promise<unknown>;
}

const { Connection: connection } = require('mongodb/lib/cmap/connection.js') as { readonly Connection: { readonly prototype: Connection } };
const { writeCommand } = connection.prototype;

/**
 * Fails a command whose connection closes while the command is written. The driver (7.8.0, and 7.9.0) waits for the socket to drain, and
 * looks at errors only: on a socket that the server has just closed, and whose `close` event is still to come, it waits for ever. A
 * command then never ends. If the command is a heartbeat, the driver never finds the server again, and each operation fails until
 * the process is restarted.
 */
connection.prototype.writeCommand = async function (this: Connection, ...args) {
  const closed = Promise.withResolvers<never>();
  const onClose = () => closed.reject(this.error ?? new Error('the connection was closed'));
  this.once('close', onClose);
  try {
    return await Promise.race([writeCommand.apply(this, args), closed.promise]);
  } finally {
    this.off('close', onClose);
  }
};
