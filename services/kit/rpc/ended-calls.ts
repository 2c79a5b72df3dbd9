import { subscribe } from 'node:diagnostics_channel';
import type { Http2Stream } from 'node:http2';
import type { ServerUnaryCall } from '@grpc/grpc-js';
import { Http2SubchannelConnector } from '@grpc/grpc-js/build/src/transport.js';

// V8 collects the young generation often and cheaply. Without this module, ended calls survive these collections until one of the
// whole heap, for two reasons:
//
// - V8 allocates a function that is assigned to a property (`this.onwrite = () => …`) in the old generation. Every writable stream of
//   Node has such a function, which refers to the stream. The listeners of the stream refer to the objects of grpc-js for the call.
// - When V8 resizes a Set, the old table keeps its entries and a reference to the new table. Once a table is in the old generation,
//   all tables after it are reachable from there. grpc-js has the calls of a connection in a Set.
//
// A collection of the young generation treats all references from the old one as live, also those of dead objects. What they reach
// is promoted, which costs time and makes collections of the whole heap frequent (ended-calls.test.ts measures it). The functions
// below remove these references.

/** Removes the references to ended calls from HTTP/2 streams and from the connections of clients, in the whole process. */
export function releaseEndedCalls(): void {
  subscribe('http2.client.stream.created', releaseWhenClosed);
  subscribe('http2.server.stream.created', releaseWhenClosed);
  const { connect } = Http2SubchannelConnector.prototype;
  Http2SubchannelConnector.prototype.connect = async function (...args) {
    const transport = await connect.apply(this, args);
    // Private in grpc-js 1.14: the calls of a connection. Left as it is if it is not the expected empty Set.
    const calls: unknown = Reflect.get(transport, 'activeCalls');
    if (calls instanceof Set && calls.size === 0) Reflect.set(transport, 'activeCalls', new ListedCalls());
    return transport;
  };
}

/**
 * Removes the references of an answered unary call when it has ended: grpc-js reports every end as a cancellation. In grpc-js 1.14 a
 * unary call is a writable stream too.
 */
export function releaseAnswered(call: ServerUnaryCall<unknown, unknown>): void {
  if (call.cancelled) release(call);
  else call.once('cancelled', () => release(call));
}

function release(call: ServerUnaryCall<unknown, unknown>): void {
  // The listeners cancel outgoing calls of the handler. All of them have run or still run: Node emits an event to a copy of its list.
  call.removeAllListeners('cancelled');
  Object.assign(call, { call: undefined, metadata: undefined, request: undefined });
}

function releaseWhenClosed(message: unknown): void {
  // What these channels of Node publish.
  const { stream } = message as { readonly stream: Http2Stream };
  stream.once('close', forgetListeners);
}

/** Runs after the other listeners of 'close', which is the last event of a stream. */
function forgetListeners(this: Http2Stream): void {
  process.nextTick(() => this.removeAllListeners());
}

/** The part of Set that grpc-js uses, as an array. */
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

  /** Iterates over a copy: grpc-js removes calls while it iterates. */
  [Symbol.iterator](): Iterator<unknown> {
    return [...this.#calls].values();
  }
}
