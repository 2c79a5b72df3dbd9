import {
  createFileRegistry,
  type DescExtension,
  fromBinary,
  getExtension,
  hasExtension,
  type Message,
  setExtension,
  toBinary,
} from '@bufbuild/protobuf';
import {
  type DescriptorProto,
  type FieldDescriptorProto,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  type FileDescriptorSet,
  FileDescriptorSetSchema,
  type MethodDescriptorProto,
} from '@bufbuild/protobuf/wkt';

/** A method that the edge offers. */
export interface PublicMethod {
  /** `/rentcar.car.v1.CarService/GetCar`. */
  readonly path: string;
  /** The protobuf package of its service. */
  readonly package: string;
  readonly streams: boolean;
  /** The number of the field that is the whole body of a REST answer (`response_body` of google.api.http), if there is one. */
  readonly bodyField: number | undefined;
}

/** A FileDescriptorSet reduced to what the edge offers. */
export interface PublicImage {
  readonly bytes: Uint8Array;
  /** Full names of the services that have a public method. */
  readonly services: readonly string[];
  readonly methods: readonly PublicMethod[];
}

/** google.api.HttpRule, as far as it is changed here. */
interface HttpRule extends Message {
  responseBody: string;
  additionalBindings: HttpRule[];
}

/**
 * Takes the internal methods out of a FileDescriptorSet: a method is public if, and only if, it has google.api.http. Messages stay, since
 * public methods use them.
 *
 * Envoy's transcoder knows `response_body` for google.api.HttpBody only. A method that has one with another message is given that message
 * as its output, and the edge takes it out of the answer (see unwrap.ts).
 */
export function publicImage(image: Uint8Array): PublicImage {
  const set = fromBinary(FileDescriptorSetSchema, image);
  const http = createFileRegistry(set).getExtension('google.api.http');
  const services: string[] = [];
  const methods: PublicMethod[] = [];
  for (const file of set.file) {
    for (const service of file.service) {
      const name = `${file.package}.${service.name}`;
      service.method = service.method.filter((method) => http && method.options && hasExtension(method.options, http));
      if (service.method.length > 0) services.push(name);
      for (const method of service.method) {
        methods.push({
          path: `/${name}/${method.name}`,
          package: file.package,
          streams: method.clientStreaming || method.serverStreaming,
          bodyField: http && takeResponseBody(set, method, http),
        });
      }
    }
    file.service = file.service.filter((service) => service.method.length > 0);
    // Comments are of no use to Envoy and are half of the image.
    delete file.sourceCodeInfo;
  }
  return { bytes: toBinary(FileDescriptorSetSchema, set), services, methods };
}

/** Replaces a method's output by the message in its `response_body` field, and returns that field's number. */
function takeResponseBody(set: FileDescriptorSet, method: MethodDescriptorProto, http: DescExtension): number | undefined {
  if (!method.options) return undefined;
  // The extension is found by its name, so its type is known here and not to the compiler.
  const rule = getExtension(method.options, http) as HttpRule;
  if (rule.responseBody === '') return undefined;
  const field = findMessage(set, method.outputType)?.field.find((candidate) => candidate.name === rule.responseBody);
  if (!isSingleMessage(field))
    throw new Error(`${method.name}: response_body "${rule.responseBody}" is not a message field of ${method.outputType}`);
  method.outputType = field.typeName;
  for (const binding of [rule, ...rule.additionalBindings]) binding.responseBody = '';
  setExtension(method.options, http, rule);
  return field.number;
}

function isSingleMessage(field: FieldDescriptorProto | undefined): field is FieldDescriptorProto {
  return field?.type === FieldDescriptorProto_Type.MESSAGE && field.label !== FieldDescriptorProto_Label.REPEATED;
}

/** Finds a top-level message by its full name with a leading dot. */
function findMessage(set: FileDescriptorSet, typeName: string): DescriptorProto | undefined {
  for (const file of set.file) {
    const found = file.messageType.find((message) => `.${file.package}.${message.name}` === typeName);
    if (found) return found;
  }
  return undefined;
}
