import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { crdsFile, crdsOf } from './crds.ts';

function definition(...versions: readonly object[]): string {
  const schemas = versions.map((spec, i) => ({ name: `v${i + 1}`, schema: { openAPIV3Schema: { properties: { spec } } } }));
  return stringify({ spec: { group: 'a.istio.io', names: { kind: 'Thing' }, versions: schemas } });
}

const spec = {
  type: 'object',
  description: 'A thing.',
  properties: {
    description: { type: 'string', description: 'Its description.', maxLength: 9 },
    size: { type: 'integer', format: 'uint32', minimum: 0, 'x-kubernetes-validations': [{ rule: 'self > 0' }] },
    any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  },
  oneOf: [{ not: { anyOf: [{ required: ['size'] }, { required: ['any'] }] } }, { required: ['size'] }, { required: ['any'] }],
};

describe('the schemas of CustomResourceDefinitions', () => {
  it('have types, bounds and fields, without prose and without CEL', () => {
    expect(crdsOf(definition(spec, spec))).toEqual({
      'a.istio.io/Thing': {
        versions: ['v1', 'v2'],
        spec: {
          type: 'object',
          properties: {
            description: { type: 'string', maxLength: 9 },
            size: { type: 'integer', minimum: 0 },
            any: { type: 'object', open: true },
          },
          exclusive: [['size', 'any']],
        },
      },
    });
  });

  it('are the same in all versions of a kind', () => {
    expect(() => crdsOf(definition(spec, { type: 'object' }))).toThrow(/versions of Thing/);
  });

  it('are written one kind per line', () => {
    expect(crdsFile({ 'a/B': { versions: ['v1'], spec: {} }, 'a/C': { versions: ['v1'], spec: {} } }).split('\n')).toHaveLength(5);
  });
});
