import type { DescMessage } from '@bufbuild/protobuf';
import { type Contracts, commentOf } from './contracts.ts';
import { asObject, type Json, type JsonObject } from './json.ts';

/**
 * Completes the schemas of messages and enums: what each value of an enum means, and which members an answer always has. Schemas that
 * requests use as well are left as they are: a request may leave out any field.
 */
export function completeSchemas(schemas: JsonObject, inRequests: ReadonlySet<string>, contracts: Contracts): void {
  for (const [name, schema] of Object.entries(schemas)) {
    const message = contracts.message(name);
    if (message !== undefined && !inRequests.has(name)) requireWhatIsPrinted(asObject(schema), message);
    const enumeration = contracts.enumeration(name);
    if (enumeration === undefined) continue;
    const meanings = enumeration.values.map((value) => `- \`${value.name}\`: ${commentOf(value)}`);
    const found = asObject(schema);
    found.description = [found.description, meanings.join('\n')].join('\n\n');
  }
}

/** The edge prints every field, except messages and optional fields that are not set. */
function requireWhatIsPrinted(schema: JsonObject, message: DescMessage): void {
  const printed = message.fields.filter(({ presence, fieldKind }) => presence === IMPLICIT || fieldKind === 'list' || fieldKind === 'map');
  if (printed.length > 0) schema.required = printed.map(({ jsonName }) => jsonName);
}

/** google.protobuf.FeatureSet.FieldPresence.IMPLICIT: an unset field and one with the default value are the same. */
const IMPLICIT = 2;

/** The names of all schemas that a part of a document refers to, and those that they refer to. */
export function schemasIn(part: Json | undefined, schemas: JsonObject): ReadonlySet<string> {
  const found = new Set<string>();
  const visit = (value: Json | undefined): void => {
    for (const [, name = ''] of JSON.stringify(value ?? null).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)) {
      if (found.has(name)) continue;
      found.add(name);
      visit(schemas[name]);
    }
  };
  visit(part);
  return found;
}
