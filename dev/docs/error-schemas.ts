import type { JsonObject } from './json.ts';

const detail = (name: string, description: string, required: readonly string[], properties: JsonObject): JsonObject => ({
  type: 'object',
  description,
  required: ['@type', ...required],
  properties: {
    '@type': { const: `type.googleapis.com/google.rpc.${name}`, description: 'The kind of this detail.' },
    ...properties,
  },
});

/** The form of all errors: google.rpc.Status with the details that this system sends (googleapis, google/rpc/error_details.proto). */
export const errorSchemas: JsonObject = {
  'google.rpc.Status': {
    type: 'object',
    description: 'An error. Its first detail is google.rpc.ErrorInfo, whose `reason` a program decides by.',
    required: ['code', 'message', 'details'],
    properties: {
      code: { type: 'integer', format: 'int32', description: 'The gRPC status as a number (google.rpc.Code).' },
      message: { type: 'string', description: 'What is wrong, for people who read logs. It may change.' },
      details: {
        type: 'array',
        description: 'What a program can use.',
        items: {
          anyOf: ['ErrorInfo', 'BadRequest', 'RetryInfo'].map((name) => ({ $ref: `#/components/schemas/google.rpc.${name}` })),
        },
      },
    },
  },
  'google.rpc.ErrorInfo': detail('ErrorInfo', 'Why, for a program.', ['reason', 'domain'], {
    reason: { type: 'string', description: 'The reason, such as `OUT_OF_STOCK`. It does not change.', pattern: '^[A-Z][A-Z0-9_]*$' },
    domain: {
      type: 'string',
      description: 'Who gives the reason: `<system>.rentmesh` for a service, `rentmesh` for the edge, the gateway and the mesh.',
    },
    metadata: {
      type: 'object',
      description: 'What the reason is about, such as `carId`.',
      additionalProperties: { type: 'string' },
    },
  }),
  'google.rpc.BadRequest': detail('BadRequest', 'Which fields of the request are wrong.', ['fieldViolations'], {
    fieldViolations: {
      type: 'array',
      description: 'One entry for each field that is wrong.',
      items: {
        type: 'object',
        required: ['field', 'description'],
        properties: {
          field: { type: 'string', description: 'The field or parameter, as JSON names it: `carName`.' },
          description: { type: 'string', description: 'What is wrong with it.' },
          reason: { type: 'string', description: 'Not used.' },
        },
      },
    },
  }),
  'google.rpc.RetryInfo': detail('RetryInfo', 'When to try again.', ['retryDelay'], {
    retryDelay: { type: 'string', description: 'After how long at the earliest, such as `1s`.', pattern: '^[0-9]+(\\.[0-9]+)?s$' },
  }),
};
