import { create, createFileRegistry, type DescField, type DescMessage, fromBinary, ScalarType, toBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { createValidator } from '@bufbuild/protovalidate';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readImage } from './contracts.ts';
import { compileRules } from './request-rules.ts';
import type { Definition } from './server.ts';

const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readImage()));
const declared = [...registry.files].flatMap(({ services }) =>
  services.flatMap(({ file, name, typeName, methods }) =>
    methods.map((method) => ({ path: `/${typeName}/${method.name}`, input: method.input, file: file.name, definition: `${name}Service` })),
  ),
);

/** Returns the generated method of a path. */
async function generatedMethod({ path, file, definition }: Omit<(typeof declared)[number], 'input'>) {
  // ts-proto exports each service of a file under this name.
  const exported = (await import(new URL(`../../../gen/${file}.ts`, import.meta.url).href))[definition] as Definition;
  const method = Object.values(exported).find((each) => each.path === path);
  if (method === undefined) throw new Error(`no code is generated for ${path}`);
  return method;
}

const LENGTHS = [1, 2, 3, 4, 49, 50, 51, 99, 100, 101, 199, 200, 201];
const UUID = '0190f5c4-7b1e-7c3a-8f00-3a6d3b1c2d4e';
const text = fc.oneof(
  fc.constantFrom('', UUID, UUID.toUpperCase(), `${UUID}0`, UUID.slice(1), UUID.replace('c', 'g'), ` ${UUID}`, `${UUID}\n`),
  fc.uuid(),
  fc.constantFrom(
    '2026-02-28',
    '2024-02-29',
    '2026-02-29',
    '2000-02-29',
    '1900-02-29',
    '0000-01-01',
    '0001-01-01',
    '9999-12-31',
    '2026-2-1',
  ),
  fc.constantFrom('2026-04-31', '2026-13-01', '2026-12-31\n', '2026-12-31x', '1-2', '1-', '123456789-1', '1234567890-1', '1-2\n'),
  fc.tuple(fc.constantFrom('x', 'ü', '😀', '\0'), fc.constantFrom(...LENGTHS)).map(([unit, length]) => unit.repeat(length)),
  fc.string({ unit: 'binary' }),
);
const integer = fc.oneof(fc.constantFrom(0, 1, 15, 16, 17, 99, 100, 101, 1_000_000, 1_000_001, 2 ** 31 - 1), fc.nat());
const double = fc.oneof(
  fc.constantFrom(0, -0, 0.5, 1, 1.000001, 600_000, 600_000.1, -1e-9, Number.NaN, Number.POSITIVE_INFINITY),
  fc.double(),
);

/** Values of one field, with those around the limits that the contracts use. */
function valuesOf(field: DescField): fc.Arbitrary<unknown> {
  if (field.message !== undefined) return messageOf(field.message);
  if (field.enum !== undefined) return fc.constantFrom(...field.enum.values.map(({ number }) => number), 99, -1);
  switch (field.scalar) {
    case ScalarType.STRING:
      return text;
    case ScalarType.INT32:
      return fc.oneof(integer, fc.constantFrom(-1, -(2 ** 31)));
    case ScalarType.UINT32:
      return integer;
    case ScalarType.DOUBLE:
      return double;
    case ScalarType.BOOL:
      return fc.boolean();
    default:
      throw new Error(`no values for ${field.toString()}`);
  }
}

function fieldOf(field: DescField): fc.Arbitrary<unknown> {
  if (field.fieldKind !== 'list') return valuesOf(field);
  const few = fc.array(valuesOf(field), { maxLength: 3 });
  if (field.listKind !== 'scalar') return few;
  return fc.oneof(
    few,
    fc.constantFrom(99, 100, 101).map((length) => Array.from({ length }, () => 'x')),
  );
}

function messageOf(desc: DescMessage): fc.Arbitrary<object> {
  const fields = Object.fromEntries(desc.fields.map((field) => [field.localName, fieldOf(field)]));
  return fc.record(fields, { requiredKeys: [] });
}

const SEED = 1;

describe('the compiled rules of a request', () => {
  it.each(declared)('find valid exactly what protovalidate finds valid: $path', async ({ input, ...method }) => {
    const isValid = compileRules(input);
    const { requestDeserialize } = await generatedMethod(method);
    const validator = createValidator({ registry });
    const verdicts = { valid: 0, invalid: 0 };
    fc.assert(
      fc.property(messageOf(input), (fields) => {
        // The generated fields are those of the message.
        const message = create(input, fields as never);
        const { kind } = validator.validate(input, message);
        verdicts[kind === 'valid' ? 'valid' : 'invalid']++;
        const decoded = requestDeserialize(Buffer.from(toBinary(input, message)));
        expect(isValid?.(decoded) ?? true).toBe(kind === 'valid');
      }),
      // With this seed every method gets valid and invalid requests, which chance alone does not promise.
      { numRuns: 1000, seed: SEED },
    );
    expect(verdicts.valid).toBeGreaterThan(0);
    if (isValid !== undefined) expect(verdicts.invalid).toBeGreaterThan(0);
  });
});
