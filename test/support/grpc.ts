import { Client as Channel, type ClientOptions, credentials, Metadata } from '@grpc/grpc-js';
import { failureFromGrpc } from './failure.ts';

interface Method {
  readonly path: string;
  readonly requestSerialize: (message: never) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => unknown;
}

type Req<M> = M extends { readonly requestSerialize: (message: infer Message) => Buffer } ? Message : never;
type Res<M> = M extends { readonly responseDeserialize: (bytes: Buffer) => infer Message } ? Message : never;

/** What a call can be made with besides its request. */
export interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds from now. */
  readonly deadlineMs?: number;
}

/** A service's methods as promises, which reject with Failure. Fields of a request that are left out have their default value. */
export type Client<D> = {
  readonly [M in keyof D]: (request?: Partial<Req<D[M]>>, options?: CallOptions) => Promise<Res<D[M]>>;
};

const CHANNEL_OPTIONS: ClientOptions = {
  'grpc.enable_retries': 0,
  'grpc.initial_reconnect_backoff_ms': 50,
  'grpc.max_reconnect_backoff_ms': 500,
};

/** A connection to an address (host:port), made when it is first used. */
export function channel(address: string): Channel {
  return new Channel(address, credentials.createInsecure(), CHANNEL_OPTIONS);
}

/** The client of a service as ts-proto defines it. */
export function client<D extends Readonly<Record<string, Method>>>(connection: Channel, definition: D): Client<D> {
  const calls = Object.entries(definition).map(([name, method]) => {
    // Generated encoders read every field, so the defaults have to be there; decoding nothing gives them.
    const call = async (request: object = {}, options?: CallOptions) => {
      const bytes = await unary(connection, method.path, method.requestSerialize({ ...defaults(method), ...request } as never), options);
      return method.responseDeserialize(bytes);
    };
    return [name, call];
  });
  // One entry for each method of the definition, made of that method's own messages.
  return Object.fromEntries(calls) as Client<D>;
}

function defaults(method: Method): object {
  if (!('requestDeserialize' in method) || typeof method.requestDeserialize !== 'function') return {};
  // A request message is an object.
  return method.requestDeserialize(Buffer.alloc(0)) as object;
}

/** One call with bytes. Rejects with Failure. */
export function unary(connection: Channel, path: string, request: Buffer, options: CallOptions = {}): Promise<Buffer> {
  const same = (bytes: Buffer) => bytes;
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(options.headers ?? {})) metadata.set(name, value);
  const deadline = Date.now() + (options.deadlineMs ?? 30_000);
  return new Promise((resolve, reject) => {
    connection.makeUnaryRequest(path, same, same, request, metadata, { deadline }, (error, response) => {
      if (error !== null) reject(failureFromGrpc(error));
      else if (response === undefined) reject(new Error(`${path} answered nothing`));
      else resolve(response);
    });
  });
}
