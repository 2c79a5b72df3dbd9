import { type DescField, type DescMessage, getOption, type Registry, ScalarType } from '@bufbuild/protobuf';

/** The option that marks the acting user (proto/rentmesh/options/v1/options.proto). */
const OPTION = 'rentmesh.options.v1.acting_user';

/** Returns the fields of a request that are marked as the acting user. A valid contract marks at most one. */
export function actingUserFields(input: DescMessage, registry: Registry): DescField[] {
  const extension = registry.getExtension(OPTION);
  return extension === undefined ? [] : input.fields.filter((field) => getOption(field, extension) === true);
}

/**
 * Returns a function that reads the acting user of a ts-proto request. Undefined if the request names none.
 *
 * Throws if several fields are marked, or one that is not a string.
 */
export function compileActingUser(input: DescMessage, registry: Registry): ((request: unknown) => string) | undefined {
  const [field, second] = actingUserFields(input, registry);
  if (field === undefined) return undefined;
  if (second !== undefined) throw new Error(`${input.typeName} marks several fields as the acting user`);
  if (field.fieldKind !== 'scalar' || field.scalar !== ScalarType.STRING) throw new Error(`${field.toString()} is not a string`);
  const name = field.localName;
  // A decoded message is an object, and this field of it is a string.
  return (request) => (request as Readonly<Record<string, string>>)[name] as string;
}
