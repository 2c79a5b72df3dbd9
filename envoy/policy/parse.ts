import type { z } from 'zod';
import { metadata } from './schema/services.ts';
import type { Finding, Path, Source } from './source.ts';
import { suggestion } from './suggest.ts';

/** An object of a policy file. */
export interface Resource<Spec> {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** creationTimestamp, or empty: objects in files are mostly without one. */
  readonly created: string;
  readonly spec: Spec;
  readonly source: Source;
}

/** Checks an object against the schema of its spec, and adds what is wrong to `errors`. @returns undefined if anything is wrong */
export function parse<S extends z.ZodType>(source: Source, kind: string, spec: S, errors: Finding[]): Resource<z.output<S>> | undefined {
  const value: object = typeof source.value === 'object' && source.value !== null ? source.value : {};
  const entries = new Map<string, unknown>(Object.entries(value));
  const head = metadata.safeParse(entries.get('metadata') ?? {});
  const body = spec.safeParse(entries.get('spec') ?? {});
  const issues = [
    ...(head.error?.issues ?? []).map((issue) => ({ ...issue, path: ['metadata', ...issue.path] })),
    ...(body.error?.issues ?? []).map((issue) => ({ ...issue, path: ['spec', ...issue.path] })),
  ];
  for (const key of entries.keys()) {
    if (!['apiVersion', 'kind', 'metadata', 'spec', 'status'].includes(key)) {
      const message = `unknown field "${key}"${suggestion(key, ['metadata', 'spec'])}`;
      errors.push({ file: source.file, line: source.line([key]), message });
    }
  }
  for (const issue of issues) errors.push(...describe(issue, source, { metadata, spec }));
  if (!head.success || !body.success) return undefined;
  return {
    kind,
    name: head.data.name,
    namespace: head.data.namespace ?? 'default',
    labels: head.data.labels ?? {},
    annotations: head.data.annotations ?? {},
    created: head.data.creationTimestamp ?? '',
    spec: body.data,
    source,
  };
}

/** Converts a defect that a schema found to findings: one for each unknown field, at its line. */
function describe(issue: z.core.$ZodIssue, source: Source, schemas: Readonly<Record<string, z.ZodType>>): Finding[] {
  const path = issue.path.filter((step) => typeof step !== 'symbol');
  const at = (steps: Path, message: string): Finding => ({ file: source.file, line: source.line(steps), message });
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const steps = [...path, key];
      return at(steps, `unknown field "${dotted(steps)}"${suggestion(key, fieldsAt(schemas[String(path[0])], path.slice(1)))}`);
    });
  }
  return [at(path, `${dotted(path)}: ${issue.message}`)];
}

function dotted(path: Path): string {
  return path.map((step, i) => (typeof step === 'number' ? `[${step}]` : i === 0 ? step : `.${step}`)).join('');
}

/** Returns the names of the fields that a schema has at a path. */
export function fieldsAt(spec: unknown, path: Path): string[] {
  let node = unwrap(spec);
  for (const step of path) {
    if (typeof step === 'number') node = unwrap(node?.element);
    else node = unwrap(node?.shape?.[step] ?? node?.valueType);
  }
  return Object.keys(node?.shape ?? {});
}

interface SchemaNode {
  readonly shape?: Record<string, unknown>;
  readonly element?: unknown;
  readonly valueType?: unknown;
  readonly unwrap?: () => unknown;
}

function unwrap(node: unknown): SchemaNode | undefined {
  // zod's schema classes offer these members for inspection, but their common base type does not declare them.
  let schemaNode = node as SchemaNode | undefined;
  while (schemaNode && typeof schemaNode.unwrap === 'function' && !('element' in schemaNode))
    schemaNode = schemaNode.unwrap() as SchemaNode;
  return schemaNode;
}
