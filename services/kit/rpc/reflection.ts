import { EventEmitter } from 'node:events';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  type FileDescriptorSet,
  FileDescriptorSetSchema,
  type MethodDescriptorProto,
} from '@bufbuild/protobuf/wkt';
import type { Server, ServerDuplexStream, ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { protoPath as healthProto } from 'grpc-health-check';
import { toRpcError } from './errors.ts';
import { toStatus } from './server.ts';
import { strictDecoder } from './validation.ts';

const HEALTH = 'grpc.health.v1.Health';

/** The number of the option `google.api.http` (google/api/annotations.proto), which makes a method public. */
const HTTP_OPTION = 72295728;

/**
 * Offers gRPC server reflection (v1 and v1alpha) of services in an image (a FileDescriptorSet): of those named, or of all; and of the
 * health service, which every server has.
 */
export function addReflection(server: Server, image: Uint8Array, services?: readonly string[]): void {
  const { file } = fromBinary(FileDescriptorSetSchema, image);
  // The library takes only the files out of a package definition, in `fileDescriptorProtos`. Given as they are, files keep their names;
  // those that proto-loader makes are renamed and merged by package.
  const files = [...file, healthFile()].map((proto) => Buffer.from(toBinary(FileDescriptorProtoSchema, proto)));
  const definition = { all: { format: 'Protocol Buffer 3 DescriptorProto', type: {}, fileDescriptorProtos: files } };
  // The library's type asks for (de)serializers beside the files, which it never calls.
  const service = new ReflectionService(definition as PackageDefinition, { services: [...(services ?? servicesOf(image)), HEALTH] });
  service.addToServer({ addService: (methods, implementation) => addStrictly(server, methods, implementation) });
}

/** A stream of reflection requests in bytes. */
type RequestStream = ServerDuplexStream<Buffer, unknown>;

/**
 * Adds a service of request and response streams so that a request that cannot be decoded is answered
 * INVALID_ARGUMENT. grpc-js answers INTERNAL if it decodes the requests itself.
 */
function addStrictly(server: Server, methods: ServiceDefinition, implementation: UntypedServiceImplementation): void {
  const bytesOf = Object.entries(methods).map(([name, method]) => [name, { ...method, requestDeserialize: (bytes: Buffer) => bytes }]);
  const handlers = Object.entries(methods).map(([name, { requestDeserialize }]) => [
    name,
    // The methods of reflection stream in both directions.
    decoded(
      strictDecoder('grpc.reflection.v1.ServerReflectionRequest', requestDeserialize),
      implementation[name] as (stream: RequestStream) => void,
    ),
  ]);
  server.addService(Object.fromEntries(bytesOf), Object.fromEntries(handlers));
}

/** Returns a handler that calls another one with a stream of decoded requests, which uses the events and methods below. */
function decoded(decode: (bytes: Buffer) => unknown, handle: (stream: RequestStream) => void): (stream: RequestStream) => void {
  return (stream) => {
    const requests = Object.assign(new EventEmitter(), {
      write: (response: unknown) => stream.write(response),
      end: () => stream.end(),
    });
    // The handler of the library uses no more of a stream than this.
    handle(requests as unknown as RequestStream);
    stream.on('data', (bytes: Buffer) => {
      try {
        requests.emit('data', decode(bytes));
      } catch (error) {
        stream.emit('error', toStatus(toRpcError(error)));
      }
    });
    stream.on('end', () => requests.emit('end'));
  };
}

/**
 * The descriptors of grpc.health.v1 without List, which is not offered (and whose map proto-loader describes so that clients refuse the
 * whole file).
 */
function healthFile(): FileDescriptorProto {
  const message = loadSync(healthProto)[`${HEALTH}CheckRequest`];
  const [bytes] =
    message !== undefined && 'fileDescriptorProtos' in message && Array.isArray(message.fileDescriptorProtos)
      ? message.fileDescriptorProtos
      : [];
  if (bytes === undefined) throw new Error('grpc-health-check has no descriptors');
  const proto = fromBinary(FileDescriptorProtoSchema, bytes);
  proto.messageType = proto.messageType.filter(({ name }) => !name.startsWith('HealthList'));
  for (const service of proto.service) service.method = service.method.filter(({ name }) => name !== 'List');
  return proto;
}

/** The public part of an image: only methods with a `google.api.http` annotation, and services that have one. */
export function publicImage(image: Uint8Array): Uint8Array {
  const set: FileDescriptorSet = fromBinary(FileDescriptorSetSchema, image);
  for (const proto of set.file) {
    for (const service of proto.service) service.method = service.method.filter(isPublic);
    proto.service = proto.service.filter(({ method }) => method.length > 0);
  }
  return toBinary(FileDescriptorSetSchema, set);
}

/** The full names of the services of an image. */
export function servicesOf(image: Uint8Array): string[] {
  return fromBinary(FileDescriptorSetSchema, image).file.flatMap((proto) => proto.service.map(({ name }) => `${proto.package}.${name}`));
}

function isPublic({ options }: MethodDescriptorProto): boolean {
  // The extension is not registered here, so it is among the unknown fields.
  return options?.$unknown?.some(({ no }) => no === HTTP_OPTION) ?? false;
}
