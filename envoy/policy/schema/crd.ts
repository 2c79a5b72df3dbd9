import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { atMostOne } from './values.ts';

/** The schema of a value in a CustomResourceDefinition, reduced by dev/generate/istio. */
export interface CrdSchema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  readonly nullable?: boolean;
  readonly enum?: readonly string[];
  /** Regular expression. */
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly required?: readonly string[];
  /** Fields of an object; it has no other, unless it is open. */
  readonly properties?: Readonly<Record<string, CrdSchema>>;
  /** Whether an object takes any field. */
  readonly open?: boolean;
  /** Values of a map. */
  readonly additionalProperties?: CrdSchema;
  readonly items?: CrdSchema;
  /** Groups of fields: at most one field of each group may be set. */
  readonly exclusive?: readonly (readonly string[])[];
}

/** Istio's kinds by `<group>/<kind>`. */
export type Crds = Readonly<Record<string, { readonly versions: readonly string[]; readonly spec: CrdSchema }>>;

let crds: Crds | undefined;

/** Returns Istio's CustomResourceDefinitions: istio.io/api v1.31.1. */
export function istioCrds(): Crds {
  // Written by dev/generate/istio.
  crds ??= JSON.parse(readFileSync(new URL('./crds.json', import.meta.url), 'utf8')) as Crds;
  return crds;
}

/**
 * Returns the schema of a kind's spec: types, bounds, and the fields that it has.
 *
 * @param kind `<group>/<kind>`
 * @throws RangeError if Istio does not have the kind
 */
export function crdSpec(kind: string): z.ZodType {
  const crd = istioCrds()[kind];
  if (crd === undefined) throw new RangeError(`crds.json has no kind ${kind}`);
  return schemaOf(crd.spec);
}

function schemaOf(schema: CrdSchema): z.ZodType {
  const value = typeOf(schema);
  return schema.nullable ? value.nullable() : value;
}

function typeOf(schema: CrdSchema): z.ZodType {
  switch (schema.type) {
    case 'object':
      return objectOf(schema);
    case 'array':
      return z.array(schema.items ? schemaOf(schema.items) : z.unknown()).check(...bounds(schema.minItems, schema.maxItems));
    case 'string':
      return stringOf(schema);
    case 'integer':
      return z.int().check(...range(schema));
    case 'number':
      return z.number().check(...range(schema));
    case 'boolean':
      return z.boolean();
    default:
      return z.unknown();
  }
}

function objectOf({ properties, required = [], additionalProperties, open = false, exclusive = [] }: CrdSchema): z.ZodType {
  if (additionalProperties) return z.record(z.string(), schemaOf(additionalProperties));
  const fields = Object.entries(properties ?? {}).map(([name, field]): [string, z.ZodType] => {
    const value = schemaOf(field);
    return [name, required.includes(name) ? value : value.optional()];
  });
  const shape = Object.fromEntries(fields);
  const object = open ? z.looseObject(shape) : z.strictObject(shape);
  return exclusive.reduce<z.ZodType<object>>(
    (checked, names) => checked.refine(atMostOne(...names), { error: `only one of ${names.join(', ')} can be set` }),
    object,
  );
}

function stringOf({ enum: words, pattern, minLength, maxLength }: CrdSchema): z.ZodType {
  if (words) return z.enum(words);
  const text = z.string().check(...bounds(minLength, maxLength));
  return pattern === undefined ? text : text.regex(new RegExp(pattern));
}

function bounds(least = 0, most = Number.MAX_SAFE_INTEGER) {
  return [z.minLength(least), z.maxLength(most)];
}

function range({ minimum = -Number.MAX_VALUE, maximum = Number.MAX_VALUE }: CrdSchema) {
  return [z.gte(minimum), z.lte(maximum)];
}
