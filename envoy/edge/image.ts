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

/** A REST form of a method: one HttpRule of its google.api.http. */
export interface RestBinding {
  /** `GET`, or whatever the rule names. */
  readonly verb: string;
  /** The path template, `/cars/{car_id}`. */
  readonly template: string;
  /** The field that is the request's body, `*` for the whole message, empty for none. */
  readonly body: string;
}

/** A method that the edge offers. */
export interface PublicMethod {
  /** `/rentcar.car.v1.CarService/GetCar`. */
  readonly path: string;
  /** The protobuf package of its service. */
  readonly package: string;
  readonly streams: boolean;
  /** The full name of the request message. */
  readonly input: string;
  readonly bindings: readonly RestBinding[];
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

/** google.api.HttpRule, as far as it is read and changed here. */
interface HttpRule extends Message {
  readonly pattern:
    | { readonly case: 'custom'; readonly value: { readonly kind: string; readonly path: string } }
    | { readonly case: 'get' | 'put' | 'post' | 'delete' | 'patch'; readonly value: string }
    | { readonly case: undefined };
  readonly body: string;
  responseBody: string;
  additionalBindings: HttpRule[];
}

/**
 * Takes the internal methods out of a FileDescriptorSet: a method is public if, and only if, it has google.api.http. Messages stay, since
 * public methods use them.
 *
 * Envoy's transcoder knows `response_body` for google.api.HttpBody only. A method that has one with another message is given that message
 * as its output, and the edge takes it out of the answer (see unwrap.ts).
 *
 * @param offers whether the services of a proto package are offered; all of them if it is not given
 */
export function publicImage(image: Uint8Array, offers: (protoPackage: string) => boolean = () => true): PublicImage {
  const set = fromBinary(FileDescriptorSetSchema, image);
  const http = createFileRegistry(set).getExtension('google.api.http');
  const services: string[] = [];
  const methods: PublicMethod[] = [];
  for (const file of set.file) {
    for (const service of file.service) {
      const name = `${file.package}.${service.name}`;
      const offered = service.method.flatMap((method) => {
        const rule = http && offers(file.package) ? ruleOf(method, http) : undefined;
        return rule ? [{ method, rule }] : [];
      });
      service.method = offered.map(({ method }) => method);
      if (offered.length > 0) services.push(name);
      for (const { method, rule } of offered) {
        methods.push({
          path: `/${name}/${method.name}`,
          package: file.package,
          streams: method.clientStreaming || method.serverStreaming,
          input: method.inputType.slice(1),
          bindings: [rule, ...rule.additionalBindings].flatMap(bindingOf),
          bodyField: http && takeResponseBody(set, method, rule, http),
        });
      }
    }
    file.service = file.service.filter((service) => service.method.length > 0);
    // Comments are of no use to Envoy and are half of the image.
    delete file.sourceCodeInfo;
  }
  return { bytes: toBinary(FileDescriptorSetSchema, set), services, methods };
}

function ruleOf(method: MethodDescriptorProto, http: DescExtension): HttpRule | undefined {
  if (!method.options || !hasExtension(method.options, http)) return undefined;
  // The extension is found by its name, so its type is known here and not to the compiler.
  return getExtension(method.options, http) as HttpRule;
}

function bindingOf({ pattern, body }: HttpRule): RestBinding[] {
  if (pattern.case === undefined) return [];
  if (pattern.case === 'custom') return [{ verb: pattern.value.kind, template: pattern.value.path, body }];
  return [{ verb: pattern.case.toUpperCase(), template: pattern.value, body }];
}

/** Replaces a method's output by the message in its `response_body` field, and returns that field's number. */
function takeResponseBody(set: FileDescriptorSet, method: MethodDescriptorProto, rule: HttpRule, http: DescExtension): number | undefined {
  if (!method.options || rule.responseBody === '') return undefined;
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
