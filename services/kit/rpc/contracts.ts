import { readFileSync } from 'node:fs';
import { createFileRegistry, type FileRegistry, fromBinary, toBinary } from '@bufbuild/protobuf';
import { type FileDescriptorSet, FileDescriptorSetSchema, type MethodDescriptorProto } from '@bufbuild/protobuf/wkt';

/** The number of the option `google.api.http` (google/api/annotations.proto), which makes a method public. */
const HTTP_OPTION = 72295728;

/** Returns the descriptors of all contracts (a FileDescriptorSet) without comments. */
export function readImage(): Uint8Array {
  return readFileSync(new URL('../../../gen/image.binpb', import.meta.url));
}

/** Returns the descriptors of all contracts with their comments, for people. They are eight times as large. */
export function readCommentedImage(): Uint8Array {
  return readFileSync(new URL('../../../gen/image-with-comments.binpb', import.meta.url));
}

let registry: FileRegistry | undefined;

/** Returns the types of all contracts. Reads them once per process. */
export function contracts(): FileRegistry {
  registry ??= createFileRegistry(fromBinary(FileDescriptorSetSchema, readImage()));
  return registry;
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
