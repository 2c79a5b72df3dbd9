import { createFileRegistry, type DescMethod, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema, MethodOptions_IdempotencyLevel } from '@bufbuild/protobuf/wkt';
import { type PublicMethod, publicImage } from '../../envoy/edge/image.ts';
import { readTemplate } from '../../envoy/edge/template.ts';
import { actingUserFields } from '../../services/kit/rpc/acting-user.ts';

/** The first segment of REST paths where it is not the first part of the package. The observer shows the mesh of all systems. */
const PREFIXES: Readonly<Record<string, string>> = { rentmesh: 'mesh' };

/** The names of fields that name a user. Those of a creating request are marked as the acting user. */
const USER_FIELDS: readonly string[] = ['user_id', 'user_nm'];

/** Returns a message for each violation of the rules of contracts that buf does not know. `image` is a FileDescriptorSet. */
export function contractErrors(image: Uint8Array): string[] {
  const { methods } = publicImage(image);
  return [...duplicatePaths(methods), ...foreignPaths(methods), ...unmarkedUsers(image, methods)];
}

/** Methods that answer the same requests: the same HTTP method and the same path, whatever its variables are called. */
function duplicatePaths(methods: readonly PublicMethod[]): string[] {
  const owners = new Map<string, { readonly path: string; readonly template: string }>();
  return methods.flatMap(({ path, bindings }) =>
    bindings.flatMap(({ verb, template }) => {
      const key = `${verb} ${readTemplate(template).regex}`;
      const owner = owners.get(key);
      if (owner === undefined) owners.set(key, { path, template });
      return owner === undefined ? [] : [`${nameOf(path)} and ${nameOf(owner.path)} have one REST path: ${verb} ${template}`];
    }),
  );
}

/** Methods whose REST path does not begin with their system. */
function foreignPaths(methods: readonly PublicMethod[]): string[] {
  return methods.flatMap(({ path, package: proto, bindings }) => {
    const system = proto.split('.')[0] ?? '';
    const prefix = `/${PREFIXES[system] ?? system}`;
    return bindings
      .filter(({ template }) => !template.startsWith(`${prefix}/`) && !template.startsWith(`${prefix}:`))
      .map(({ verb, template }) => `${nameOf(path)}: the REST path ${verb} ${template} does not begin with ${prefix}/`);
  });
}

/** Public methods that change something, and whose request names a user who is not marked as the acting user. */
function unmarkedUsers(image: Uint8Array, methods: readonly PublicMethod[]): string[] {
  const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, image));
  return methods.flatMap(({ path }) => {
    const [, service = '', name = ''] = path.split('/');
    const method = registry.getService(service)?.methods.find((each) => each.name === name);
    if (method === undefined || isRead(method)) return [];
    const marked = actingUserFields(method.input, registry);
    if (marked.length > 1) return [`${method.input.typeName} marks several fields as the acting user`];
    const users = method.input.fields.filter((field) => USER_FIELDS.includes(field.name) && !marked.includes(field));
    return users.map((field) => `${method.input.typeName}.${field.name} needs the option (rentmesh.options.v1.acting_user) = true`);
  });
}

function isRead({ idempotency }: DescMethod): boolean {
  return idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS;
}

/** Returns the name of a method from its gRPC path: `rentcar.car.v1.CarService/GetCar`. */
function nameOf(path: string): string {
  return path.slice(1);
}
