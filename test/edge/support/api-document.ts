import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ErrorObject } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { type Example, readExamples } from '../../../dev/docs/examples.ts';
import { root } from '../../../dev/paths.mjs';

/** The parts of an OpenAPI document that the tests look at. */
export interface ApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, ApiOperation>>>>;
  readonly tags: readonly { readonly name: string }[];
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

/** An operation of the document. */
export interface ApiOperation {
  readonly operationId: string;
  readonly tags?: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly examples?: Examples } } };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>;
}

interface Content {
  readonly 'application/json': { readonly examples?: Examples };
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly examples?: Examples;
}

type Examples = Readonly<Record<string, { readonly summary: string; readonly value: unknown }>>;

/** The document of all systems that `npm run generate` has built. */
export const built: ApiDocument = JSON.parse(readFileSync(join(root, 'gen/docs/openapi.json'), 'utf8'));

/** A request of the document. */
export interface ApiRequest {
  readonly path: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** A request with the answer that is documented for it. */
export interface DocumentedExample {
  /** `CarService.GetCar/found`. */
  readonly title: string;
  readonly operation: DocumentedOperation;
  readonly request: ApiRequest;
  readonly status: number;
  /** The documented answer; with another status than 200 the answer is exactly that. */
  readonly value: unknown;
  /** When to send it. */
  readonly plan: Pick<Example, 'after' | 'without' | 'mayBe' | 'unsent'>;
}

/** An operation with where it is found. */
export interface DocumentedOperation {
  readonly path: string;
  readonly verb: string;
  readonly operation: ApiOperation;
  /** `CarService.GetCar`. Two systems can have the same. */
  readonly title: string;
  /** The first word of its package: a system, or `rentmesh` for what every instance has. */
  readonly system: string;
}

/** All operations of the document. */
export const operations: readonly DocumentedOperation[] = Object.entries(built.paths).flatMap(([path, item]) =>
  Object.entries(item).map(([verb, operation]) => {
    const [system = '', ...rest] = operation.operationId.split('.');
    return { path, verb, operation, system, title: rest.slice(-2).join('.') };
  }),
);

/** All examples of the document that have a request, in the order of the document. */
export const examples: readonly DocumentedExample[] = operations.flatMap(examplesOf);

/** The reasons of errors that an operation documents without a request that leads to them. */
export function unprovokedReasons({ operation }: DocumentedOperation): readonly string[] {
  return Object.values(operation.responses).flatMap(({ content }) =>
    Object.keys(content?.['application/json'].examples ?? {}).filter((name) => /^[A-Z_]+$/.test(name)),
  );
}

function examplesOf(documented: DocumentedOperation): DocumentedExample[] {
  const plans = readExamples(join(root, 'proto'));
  return Object.entries(documented.operation.responses).flatMap(([status, { content }]) =>
    Object.entries(content?.['application/json'].examples ?? {}).flatMap(([name, { value }]) => {
      const plan = plans.get(documented.operation.operationId)?.find((example) => example.name === name);
      if (plan === undefined) return [];
      const title = `${documented.title}/${name}`;
      return [{ title, operation: documented, request: requestOf(documented, name), status: Number(status), value, plan }];
    }),
  );
}

/** The request of an operation with the values that an example, or none, has for its parameters and its body. */
export function requestOf({ path, verb, operation }: DocumentedOperation, example: string): ApiRequest {
  const values = (place: string) =>
    (operation.parameters ?? []).flatMap((parameter) => {
      const value = parameter.in === place ? parameter.examples?.[example]?.value : undefined;
      return value === undefined ? [] : [[parameter.name, String(value)] as const];
    });
  const filled = values('path').reduce((text, [name, value]) => text.replace(`{${name}}`, encodeURIComponent(value)), path);
  const query = new URLSearchParams(values('query').map(([name, value]) => [name, value])).toString();
  const body = operation.requestBody?.content['application/json'].examples?.[example]?.value;
  return {
    path: `${filled}${query && `?${query}`}`,
    method: verb === 'post' ? 'POST' : 'GET',
    headers: { ...(operation.requestBody && { 'content-type': 'application/json' }), ...Object.fromEntries(values('header')) },
    body: body === undefined ? undefined : JSON.stringify(body),
  };
}

/** The example requests in an order in which each comes after those that it builds upon, and those that stop a part of the system last. */
export function inOrder(all: readonly DocumentedExample[]): readonly DocumentedExample[] {
  const ordered: DocumentedExample[] = [];
  const ready = (example: DocumentedExample) => example.plan.after.every((title) => ordered.some((before) => before.title === title));
  let left = all.toSorted((a, b) => Number(a.plan.without !== undefined) - Number(b.plan.without !== undefined));
  while (left.length > 0) {
    const next = left.find(ready);
    if (next === undefined) throw new Error(`these come after what is not sent: ${left.map(({ title }) => title).join(', ')}`);
    ordered.push(next);
    left = left.filter((example) => example !== next);
  }
  return ordered;
}

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv, ['date-time', 'uuid', 'int32', 'double', 'float']);
ajv.addFormat('int64', /^-?\d+$/);
ajv.addSchema(closed(built), 'openapi');

/** What is wrong with an answer's body, by the schema that is documented for its status; empty if nothing is. */
export function mistakes({ path, verb }: DocumentedOperation, status: number, body: unknown): readonly ErrorObject[] {
  const pointer = ['paths', path, verb, 'responses', String(status), 'content', 'application/json', 'schema'];
  const $ref = `openapi#/${pointer.map((part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;
  const validate = ajv.compile({ $ref });
  validate(body);
  return validate.errors ?? [];
}

/** A copy of a document in which no schema of an object allows members that it does not list: what is answered is documented. */
function closed<T>(value: T): T {
  if (Array.isArray(value)) return value.map(closed) as T;
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([name, member]) => [name, closed(member)]));
  // The type stays: only a keyword is added to what is a schema.
  return ('properties' in copy && copy.additionalProperties === undefined ? { ...copy, additionalProperties: false } : copy) as T;
}
