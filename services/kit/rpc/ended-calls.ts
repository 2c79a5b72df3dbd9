import { subscribe } from 'node:diagnostics_channel';
import type { Http2Stream } from 'node:http2';
import type { ServerUnaryCall } from '@grpc/grpc-js';
import { Http2SubchannelConnector } from '@grpc/grpc-js/build/src/transport.js';

// V8 keeps calls in memory that have long ended, until a full collection:
//
// - A function that is written into a property (`this.onwrite = () => …`) is allocated in the old generation. Node gives such a
//   function to every writable stream: it holds the stream, and the stream holds by its listeners all that grpc-js has for the call.
// - A Set that grows or shrinks leaves its old table behind, with the members that it had then and the next table. Once one of these
//   tables is in the old generation, all that follow are kept with it.
//
// What a dead object of the old generation holds survives every collection of the young one and is promoted. Without the three
// functions below this is 13 KB for a reservation, so that reservation collects its whole heap every 0.8 s at 500 reservations/s:
// a fifth of its CPU. They cut the paths between what is kept and what a call has used.

/** Cuts the paths to ended calls by HTTP/2 streams and by the connections of clients, for all that the process does by grpc-js. */
export function releaseEndedCalls(): void {
  subscribe('http2.client.stream.created', releaseWhenClosed);
  subscribe('http2.server.stream.created', releaseWhenClosed);
  const { connect } = Http2SubchannelConnector.prototype;
  Http2SubchannelConnector.prototype.connect = async function (...args) {
    const transport = await connect.apply(this, args);
    // Private in grpc-js 1.14: the calls of a connection. What is not there as expected stays as it is.
    const calls: unknown = Reflect.get(transport, 'activeCalls');
    if (calls instanceof Set && calls.size === 0) Reflect.set(transport, 'activeCalls', new ListedCalls());
    return transport;
  };
}

/**
 * Cuts the paths from a unary call that is answered as soon as it has ended: grpc-js reports every end as a cancellation. A call is a
 * writable stream of grpc-js 1.14, also if it is unary.
 */
export function releaseAnswered(call: ServerUnaryCall<unknown, unknown>): void {
  if (call.cancelled) release(call);
  else call.once('cancelled', () => release(call));
}

function release(call: ServerUnaryCall<unknown, unknown>): void {
  // Calls that were made for this one listen; those that go on are told of its end before.
  call.removeAllListeners('cancelled');
  Object.assign(call, { call: undefined, metadata: undefined, request: undefined });
}

function releaseWhenClosed(message: unknown): void {
  // What these channels of Node publish.
  const { stream } = message as { readonly stream: Http2Stream };
  stream.once('close', forgetListeners);
}

/** After the other listeners of 'close': there is nothing more to be heard of the stream. */
function forgetListeners(this: Http2Stream): void {
  process.nextTick(() => this.removeAllListeners());
}

/** What grpc-js uses of a Set, without tables that are left behind. */
class ListedCalls {
  readonly #calls: unknown[] = [];

  get size(): number {
    return this.#calls.length;
  }

  add(call: unknown): void {
    this.#calls.push(call);
  }

  delete(call: unknown): void {
    const index = this.#calls.indexOf(call);
    if (index === -1) return;
    const last = this.#calls.pop();
    if (index < this.#calls.length) this.#calls[index] = last;
  }

  /** The calls at this moment: they are removed while they are gone through. */
  [Symbol.iterator](): Iterator<unknown> {
    return [...this.#calls].values();
  }
}
