import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema, type MethodDescriptorProto } from '@bufbuild/protobuf/wkt';

/** Number of the extension google.api.http of google.protobuf.MethodOptions (google/api/annotations.proto). */
const GOOGLE_API_HTTP = 72295728;

/** A method that the edge offers. */
export interface PublicMethod {
  /** `/rentcar.car.v1.CarService/GetCar`. */
  readonly path: string;
  /** The protobuf package of its service. */
  readonly package: string;
  readonly streams: boolean;
}

/** A FileDescriptorSet reduced to what the edge offers. */
export interface PublicImage {
  readonly bytes: Uint8Array;
  /** Full names of the services that have a public method. */
  readonly services: readonly string[];
  readonly methods: readonly PublicMethod[];
}

/**
 * Takes the internal methods out of a FileDescriptorSet: a method is public if, and only if, it has google.api.http. Messages stay, since
 * public methods use them.
 */
export function publicImage(image: Uint8Array): PublicImage {
  const set = fromBinary(FileDescriptorSetSchema, image);
  const services: string[] = [];
  const methods: PublicMethod[] = [];
  for (const file of set.file) {
    for (const service of file.service) {
      service.method = service.method.filter(isPublic);
      if (service.method.length > 0) services.push(`${file.package}.${service.name}`);
      for (const method of service.method) {
        methods.push({
          path: `/${file.package}.${service.name}/${method.name}`,
          package: file.package,
          streams: method.clientStreaming || method.serverStreaming,
        });
      }
    }
    file.service = file.service.filter((service) => service.method.length > 0);
    // Comments are of no use to Envoy and are half of the image.
    delete file.sourceCodeInfo;
  }
  return { bytes: toBinary(FileDescriptorSetSchema, set), services, methods };
}

function isPublic(method: MethodDescriptorProto): boolean {
  // The extension is not registered here, so it is among the fields that the decoder kept as unknown.
  return method.options?.$unknown?.some((field) => field.no === GOOGLE_API_HTTP) ?? false;
}
