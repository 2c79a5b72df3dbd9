import { parseAllDocuments } from 'yaml';
import type { CrdSchema, Crds } from '../../../envoy/policy/schema/crd.ts';

/** A CustomResourceDefinition, as far as the generator reads it. */
interface Definition {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly name: string;
      readonly schema: { readonly openAPIV3Schema: { readonly properties: { readonly spec: ApiSchema } } };
    }[];
  };
}

/** The `oneOf` of a protobuf oneof: no field, or one of several. */
type Alternatives = readonly ({ readonly required: readonly string[] } | { readonly not: unknown })[];

/** A schema as the API server reads it. */
interface ApiSchema extends Omit<CrdSchema, 'properties' | 'items' | 'additionalProperties' | 'exclusive'> {
  readonly properties?: Readonly<Record<string, ApiSchema>>;
  readonly items?: ApiSchema;
  readonly additionalProperties?: ApiSchema;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly oneOf?: Alternatives;
  readonly allOf?: readonly { readonly oneOf: Alternatives }[];
}

const KEPT = [
  'type',
  'nullable',
  'enum',
  'pattern',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'required',
] as const satisfies readonly (keyof CrdSchema)[];

/**
 * Reads CustomResourceDefinitions and returns the schema of `spec` for each kind, without descriptions and without rules in CEL.
 *
 * @param text YAML documents
 * @throws Error if the versions of a kind differ: the registry has one schema for all
 */
export function crdsOf(text: string): Crds {
  const kinds = parseAllDocuments(text).flatMap((document): [string, Crds[string]][] => {
    // The file is Istio's own and holds only CustomResourceDefinitions, and perhaps empty documents.
    const definition = document.toJS() as Definition | null;
    if (definition === null) return [];
    const { group, names, versions } = definition.spec;
    const schemas = versions.map(({ schema }) => compact(schema.openAPIV3Schema.properties.spec));
    const [spec = {}, ...others] = schemas;
    if (others.some((other) => JSON.stringify(other) !== JSON.stringify(spec)))
      throw new Error(`The versions of ${names.kind} have different schemas.`);
    return [[`${group}/${names.kind}`, { versions: versions.map(({ name }) => name), spec }]];
  });
  return Object.fromEntries(kinds.toSorted(([a], [b]) => a.localeCompare(b)));
}

/** Formats the schemas as JSON, one kind per line. */
export function crdsFile(crds: Crds): string {
  const lines = Object.entries(crds).map(([kind, crd]) => `${JSON.stringify(kind)}:${JSON.stringify(crd)}`);
  return `{\n${lines.join(',\n')}\n}\n`;
}

function compact(schema: ApiSchema): CrdSchema {
  const { properties, items, additionalProperties } = schema;
  const exclusive = [schema, ...(schema.allOf ?? [])].flatMap(({ oneOf }) => (oneOf === undefined ? [] : [exclusiveFields(oneOf)]));
  return {
    ...Object.fromEntries(KEPT.flatMap((name) => (schema[name] === undefined ? [] : [[name, schema[name]]]))),
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, compact(each)])),
    }),
    ...(items && { items: compact(items) }),
    ...(additionalProperties && { additionalProperties: compact(additionalProperties) }),
    ...(schema['x-kubernetes-preserve-unknown-fields'] && { open: true }),
    ...(exclusive.length > 0 && { exclusive }),
  };
}

function exclusiveFields(alternatives: Alternatives): string[] {
  return alternatives.flatMap((alternative) => ('required' in alternative ? alternative.required : []));
}
