import type { DescMethod } from '@bufbuild/protobuf';
import { type ApiError, errorBody, httpStatus } from './errors.ts';
import type { Example } from './examples.ts';
import { asObject, type Json, type JsonObject, objectAt } from './json.ts';

/** What the statuses of errors are called (RFC 9110, RFC 6585). */
const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  404: 'Not found',
  408: 'Request timeout',
  409: 'Conflict',
  413: 'Content too large',
  415: 'Unsupported media type',
  431: 'Request header fields too large',
  499: 'Client closed request',
  500: 'Internal server error',
  503: 'Service unavailable',
  504: 'Gateway timeout',
};

/** Name of the schema of all errors. */
export const ERROR_SCHEMA = 'google.rpc.Status';

/** Completes the success answer of an operation: its examples, its headers, and the form of a stream. */
export function completeSuccess(operation: JsonObject, method: DescMethod, examples: readonly Example[], tagged: boolean): void {
  const responses = objectAt(operation, 'responses');
  const success = objectAt(responses, '200');
  const content = objectAt(objectAt(success, 'content'), 'application/json');
  const answers = examples.filter(({ answer }) => answer !== undefined);
  if (answers.length > 0) {
    content.examples = Object.fromEntries(answers.map(({ name, summary, answer }) => [name, { summary, value: answer as Json }]));
  }
  if (method.methodKind === 'server_streaming') {
    success.description = `${String(success.description)} The answer is a stream: one JSON object a line, each as this schema says.`;
  }
  if (!tagged) return;
  success.headers = {
    ETag: {
      description: 'Stands for this state: another state has another tag. Send it as `if-none-match` to ask only for news.',
      schema: { type: 'string' },
      example: '"1"',
    },
  };
  responses['304'] = {
    description: 'The state is the one that `if-none-match` names. There is no body.',
    headers: { ETag: { description: 'As it was sent.', schema: { type: 'string' } } },
  };
}

/** The error answers of an operation, one response for each HTTP status. */
export function errorResponses(errors: readonly ApiError[], examples: readonly Example[]): JsonObject {
  const byStatus = Map.groupBy(errors, httpStatus);
  const entries = [...byStatus].toSorted(([a], [b]) => a - b).map(([status, group]) => [String(status), response(status, group, examples)]);
  return Object.fromEntries(entries);
}

function response(status: number, errors: readonly ApiError[], examples: readonly Example[]): JsonObject {
  const lines = errors.map(({ code, reason, when }) => `- \`${reason}\` (${code}): ${when}.`);
  const retry = errors.some(({ code }) => code === 'UNAVAILABLE');
  return {
    description: [`${TITLES[status] ?? 'Error'}${retry ? '. The same request may succeed later' : ''}.`, lines.join('\n')].join('\n\n'),
    ...(retry && {
      headers: {
        'Retry-After': { description: 'From when on to try again, in seconds.', schema: { type: 'integer', minimum: 0 }, example: 1 },
      },
    }),
    content: {
      'application/json': {
        schema: { $ref: `#/components/schemas/${ERROR_SCHEMA}` },
        examples: Object.fromEntries(errors.flatMap((error) => errorExamples(error, examples))),
      },
    },
  };
}

/** The examples of an error: those of the contracts, else one that is made from what is known of it. */
function errorExamples(error: ApiError, examples: readonly Example[]): [string, JsonObject][] {
  const own = examples.filter((example) => example.error?.reason === error.reason);
  if (own.length === 0) return [[error.reason, { summary: error.reason, value: errorBody(error) }]];
  return own.map(({ name, summary, error: told }) => [
    name,
    { summary: `${error.reason}: ${summary}`, value: errorBody({ ...error, ...(told as Partial<ApiError>) }) },
  ]);
}

/** Adds the requests of examples to the parameters and the body of an operation. */
export function completeRequestExamples(operation: JsonObject, examples: readonly Example[]): void {
  for (const each of (operation.parameters ?? []) as Json[]) {
    const parameter = asObject(each);
    const name = String(parameter.name);
    const told = examples.flatMap((example) => {
      const value = { path: example.path, query: example.query, header: example.headers }[String(parameter.in)]?.[name];
      return value === undefined ? [] : [[example.name, { summary: example.summary, value }] as const];
    });
    if (told.length > 0) parameter.examples = Object.fromEntries(told);
  }
  const bodies = examples.filter(({ body }) => body !== undefined);
  if (operation.requestBody === undefined || bodies.length === 0) return;
  const content = objectAt(objectAt(asObject(operation.requestBody), 'content'), 'application/json');
  content.examples = Object.fromEntries(bodies.map(({ name, summary, body }) => [name, { summary, value: body as Json }]));
}
