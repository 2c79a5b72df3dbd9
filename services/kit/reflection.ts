import { fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  FileDescriptorProtoSchema,
  type FileDescriptorSet,
  FileDescriptorSetSchema,
  type MethodDescriptorProto,
} from '@bufbuild/protobuf/wkt';
import type { Server } from '@grpc/grpc-js';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { protoPath as healthProto } from 'grpc-health-check';

const HEALTH = 'grpc.health.v1.Health';

/** The number of the option `google.api.http` (google/api/annotations.proto), which makes a method public. */
const HTTP_OPTION = 72295728;

/**
 * Offers gRPC server reflection (v1 and v1alpha) of services in an image (a FileDescriptorSet): of those named, or of all; and of the health
 * service, which every server has.
 */
export function addReflection(server: Server, image: Uint8Array, services?: readonly string[]): void {
  const { file } = fromBinary(FileDescriptorSetSchema, image);
  // The library takes only the files out of a package definition. Given as they are, files keep their names and options.
  const ours = {
    format: 'Protocol Buffer 3 DescriptorProto',
    type: {},
    fileDescriptorProtos: file.map((proto) => Buffer.from(toBinary(FileDescriptorProtoSchema, proto))),
  };
  // A package definition has (de)serializers beside the files, which the library never calls.
  const definition = { ...loadSync(healthProto), image: ours } as PackageDefinition;
  new ReflectionService(definition, { services: [...(services ?? servicesOf(image)), HEALTH] }).addToServer(server);
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
