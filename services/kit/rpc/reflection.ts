import { EventEmitter } from 'node:events';
import type { Server, ServerDuplexStream } from '@grpc/grpc-js';
import { toRpcError } from './errors.ts';
import type { Reflected, ReflectionMethod } from './reflection-library.ts';
import { toStatus } from './server.ts';
import { strictDecoder } from './validation.ts';

/** A stream of reflection requests and responses in bytes. */
type BytesStream = ServerDuplexStream<Buffer, Buffer>;

/**
 * Offers gRPC server reflection (v1 and v1alpha). Loads the library, and calls `reflected`, with the first request: the
 * library and its index of an image take 25 MiB.
 */
export function addReflection(server: Server, reflected: () => Reflected): void {
  const loaded = new Map<string, Promise<ReflectionMethod>>();
  const load = async (path: string) => {
    const { reflectionMethods } = await import('./reflection-library.ts');
    return reflectionMethods(reflected()).find((method) => method.path === path) ?? Promise.reject(new Error(`no ${path}`));
  };
  for (const version of ['v1', 'v1alpha']) {
    const path = `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`;
    const same = (bytes: Buffer) => bytes;
    const serializers = { requestSerialize: same, requestDeserialize: same, responseSerialize: same, responseDeserialize: same };
    const method = { path, requestStream: true, responseStream: true, ...serializers };
    const handle = (stream: BytesStream) => {
      const loading = loaded.get(path) ?? load(path);
      loaded.set(path, loading);
      answer(stream, loading);
    };
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
