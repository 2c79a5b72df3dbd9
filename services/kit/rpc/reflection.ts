import { EventEmitter } from 'node:events';
import type { Server, ServerDuplexStream } from '@grpc/grpc-js';
import { toRpcError } from './errors.ts';
import type { ReflectionMethod } from './reflection-library.ts';
import { toStatus } from './server.ts';
import { strictDecoder } from './validation.ts';

/** A stream of reflection requests and responses in bytes. */
type BytesStream = ServerDuplexStream<Buffer, Buffer>;

/** What reflection describes. */
export interface Reflected {
  /** Returns a FileDescriptorSet. Called with the first request. */
  readonly image: () => Uint8Array;
  /** Returns the full names of the services to list now. Default: all services of the image. */
  readonly services?: () => readonly string[];
}

/**
 * Offers gRPC server reflection (v1 and v1alpha). Loads the library with the first request, because the library and its index of an
 * image take 25 MiB, and makes the index again when other services are to be listed.
 */
export function addReflection(server: Server, { image, services }: Reflected): void {
  let loaded: { readonly listed: string | undefined; readonly methods: Promise<readonly ReflectionMethod[]> } | undefined;
  const load = async (names: readonly string[] | undefined) => {
    const { reflectionMethods } = await import('./reflection-library.ts');
    return reflectionMethods(image(), names);
  };
  const methodAt = async (path: string) => {
    const names = services?.();
    const listed = names?.join(' ');
    if (loaded === undefined || loaded.listed !== listed) loaded = { listed, methods: load(names) };
    const method = (await loaded.methods).find((each) => each.path === path);
    if (method === undefined) throw new Error(`reflection has no ${path}`);
    return method;
  };
  for (const version of ['v1', 'v1alpha']) {
    const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
    const same = (bytes: Buffer) => bytes;
    const serializers = { requestSerialize: same, requestDeserialize: same, responseSerialize: same, responseDeserialize: same };
    const method = { path, requestStream: true, responseStream: true, ...serializers };
    const handle = (stream: BytesStream) => answer(stream, methodAt(path));
    server.addService({ serverReflectionInfo: method }, { serverReflectionInfo: handle });
  }
}

/**
 * Answers a stream of requests. A request that cannot be decoded is answered INVALID_ARGUMENT: grpc-js answers INTERNAL if
 * it decodes the requests itself.
 */
function answer(stream: BytesStream, loading: Promise<ReflectionMethod>): void {
  const fail = (error: unknown) => stream.emit('error', toStatus(toRpcError(error)));
  // Paused until the library is loaded.
  loading.then(({ decode, encode, handle }) => {
    const requests = Object.assign(new EventEmitter(), {
      write: (response: unknown) => stream.write(encode(response)),
      end: () => stream.end(),
    });
    const decoder = strictDecoder('grpc.reflection.v1.ServerReflectionRequest', decode);
    handle(requests);
    stream.on('data', (bytes: Buffer) => {
      try {
        requests.emit('data', decoder(bytes));
      } catch (error) {
        fail(error);
      }
    });
    stream.on('end', () => requests.emit('end'));
  }, fail);
}
