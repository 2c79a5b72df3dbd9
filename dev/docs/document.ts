import type { DescMethod } from '@bufbuild/protobuf';
import { MethodOptions_IdempotencyLevel } from '@bufbuild/protobuf/wkt';
import { readBase } from './base.ts';
import type { Contracts } from './contracts.ts';
import { errorSchemas } from './error-schemas.ts';
import { type ApiError, COMMON_ERRORS, readMethodText } from './errors.ts';
import type { Example } from './examples.ts';
import { asObjects, type JsonObject, objectAt } from './json.ts';
import { completeRequest } from './requests.ts';
import { completeRequestExamples, completeSuccess, errorResponses } from './responses.ts';
import { completeSchemas, schemasIn } from './schemas.ts';

/** What the document is made of, besides the base. */
export interface Sources {
  readonly contracts: Contracts;
  /** By the method's full name. */
  readonly examples: ReadonlyMap<string, readonly Example[]>;
  /** The version of the API. */
  readonly version: string;
  /** What holds for all calls, in Markdown. */
  readonly introduction: string;
}

/** Makes the OpenAPI 3.1 document of all public methods. Throws if base, contracts and examples do not fit together. */
export function openApiDocument({ contracts, examples, version, introduction }: Sources): JsonObject {
  const { operations, schemas, tags } = readBase();
  const unknown = [...examples.keys()].filter((method) => !operations.some((each) => each.method === method));
  if (unknown.length > 0) throw new Error(`examples of what is no public method: ${unknown.join(', ')}`);

  const paths: JsonObject = {};
  for (const each of operations) {
    const method = contracts.method(each.method);
    completeOperation(each.operation, method, examples.get(each.method) ?? []);
    objectAt(paths, pathInJsonNames(each.path, method))[each.verb] = each.operation;
  }
  const inRequests = operations.flatMap(({ operation }) => [operation.requestBody ?? null, operation.parameters ?? null]);
  completeSchemas(schemas, schemasIn(inRequests, schemas), contracts);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Rentmesh',
      version,
      summary: 'Reservation systems on a service mesh',
      description: introduction,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'The edge that this document comes from.' }],
    tags: [...tags],
    paths,
    components: { schemas: { ...schemas, ...errorSchemas } },
  };
}

function completeOperation(operation: JsonObject, method: DescMethod, examples: readonly Example[]): void {
  const { text, errors } = readMethodText(String(operation.description ?? ''));
  // The generator takes the first paragraph of a comment as the summary: a sentence, which is a title here.
  operation.summary = String(operation.summary ?? '').replace(/\.$/, '');
  operation.description = [text, otherProtocols(method)].filter((part) => part !== '').join('\n\n');
  completeRequest(operation, method.input);
  // The comment is the contract: what it promises in these words is what the page shows.
  if (text.includes('`idempotency-key`')) addHeader(operation, 'idempotency-key', IDEMPOTENCY_KEY, { minLength: 1, maxLength: 200 });
  const tagged = text.includes('`etag`');
  if (tagged) addHeader(operation, 'if-none-match', 'The `etag` of an earlier answer: the state is answered only if it is another now.');
  completeRequestExamples(operation, examples);
  completeSuccess(operation, method, examples, tagged);
  Object.assign(
    objectAt(operation, 'responses'),
    errorResponses([...errors.map(ofSystem(method)), ...commonErrors(operation, method)], examples),
  );
}

const IDEMPOTENCY_KEY =
  'Names this request: however often it is sent with the same key and content, it is done once. A text of the caller’s choice, such as a new UUID, 1 to 200 visible ASCII characters.';

function addHeader(operation: JsonObject, name: string, description: string, keywords: JsonObject = {}): void {
  const header = { name, in: 'header', description, required: false, schema: { type: 'string', ...keywords } };
  operation.parameters = [...asObjects(operation.parameters), header];
}

/** How Connect, gRPC-Web and gRPC call a method. */
function otherProtocols(method: DescMethod): string {
  const path = `${method.parent.typeName}/${method.name}`;
  const get = method.methodKind === 'unary' && method.idempotency === MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS;
  return `By gRPC, gRPC-Web and Connect: \`${path}\`${get ? ', also as a Connect `GET`' : ''}.`;
}

/** The errors that are not the method's own. What the laptop's observer answers comes from no database. */
function commonErrors(operation: JsonObject, method: DescMethod): readonly ApiError[] {
  const calls = {
    body: operation.requestBody !== undefined,
    store: !method.parent.typeName.startsWith('rentmesh.'),
  };
  const own = ofSystem(method);
  return COMMON_ERRORS.filter(({ on }) => on === undefined || calls[on]).map((error) =>
    BY_SERVICES.has(error.reason) ? own(error) : error,
  );
}

/** Common errors that services answer; the others are those of the edge and the mesh. */
const BY_SERVICES: ReadonlySet<string> = new Set([
  ...['INVALID_FIELD', 'STORE_UNAVAILABLE', 'STORE_BUSY', 'INTERNAL', 'STOPPING', 'DEADLINE_EXCEEDED'],
]);

/** Returns a function that gives errors the domain of a method's system. */
function ofSystem(method: DescMethod): (error: ApiError) => ApiError {
  const [system = ''] = method.parent.typeName.split('.');
  return (error) => (system === 'rentmesh' ? error : { ...error, domain: `${system}.rentmesh` });
}

/** A path with its parameters named as in JSON: `/rentcar/cars/{carId}`. The edge does not mind what a parameter of a path is called. */
function pathInJsonNames(path: string, { input }: DescMethod): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => `{${input.fields.find((field) => field.name === name)?.jsonName ?? name}}`);
}
