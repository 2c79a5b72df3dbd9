import type { EventEmitter } from 'node:events';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { type FileDescriptorProto, FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import type { ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';
import { ReflectionService } from '@grpc/reflection';
import { protoPath as healthProto } from 'grpc-health-check';
import { servicesOf } from './contracts.ts';

const HEALTH = 'grpc.health.v1.Health';

/** A method of the reflection library. */
export interface ReflectionMethod {
  readonly path: string;
  readonly decode: (bytes: Buffer) => unknown;
  readonly encode: (response: unknown) => Buffer;
  /** Answers the `data` events of a stream by `write`, and its `end` event by `end`. */
  readonly handle: (stream: EventEmitter) => void;
}

/**
 * Returns the reflection methods (v1 and v1alpha) for services of an image, and for the health service, which every server has.
 *
 * @param image a FileDescriptorSet
 * @param services full names of the services to list; all services of the image by default
 */
export function reflectionMethods(image: Uint8Array, services: readonly string[] = servicesOf(image)): ReflectionMethod[] {
  const { file } = fromBinary(FileDescriptorSetSchema, image);
  // The library takes only the files out of a package definition, in `fileDescriptorProtos`. Given as they are, files keep their names;
  // those that proto-loader makes are renamed and merged by package.
  const files = [...file, healthFile()].map((proto) => Buffer.from(toBinary(FileDescriptorProtoSchema, proto)));
  const definition = { all: { format: 'Protocol Buffer 3 DescriptorProto', type: {}, fileDescriptorProtos: files } };
  const methods: ReflectionMethod[] = [];
  // The library's type asks for (de)serializers beside the files, which it never calls.
  const service = new ReflectionService(definition as PackageDefinition, { services: [...services, HEALTH] });
  service.addToServer({
    addService: (definitions: ServiceDefinition, implementation: UntypedServiceImplementation) => {
      for (const [name, { path, requestDeserialize, responseSerialize }] of Object.entries(definitions)) {
        // The library's handlers use no more of a stream than ReflectionMethod says.
        const handle = implementation[name] as ReflectionMethod['handle'];
        methods.push({ path, decode: requestDeserialize, encode: responseSerialize, handle });
      }
    },
  });
  return methods;
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
