import { createFileRegistry, type DescMessage, fromBinary, fromJson, type JsonObject } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from 'vitest';
import { readImage } from '#kit/rpc/contracts.ts';
import { wrongField } from './wrong-field.ts';

const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readImage()));

function schemaOf(name: string): DescMessage {
  const schema = registry.getMessage(name);
  if (schema === undefined) throw new Error(`there is no ${name}`);
  return schema;
}

function parseErrorOf(schema: DescMessage, json: JsonObject): string | undefined {
  try {
    fromJson(schema, json, { registry });
    return undefined;
  } catch (error) {
    return String(error);
  }
}

function pathOf(type: string, json: JsonObject): string {
  const schema = schemaOf(type);
  return wrongField(schema, json, parseErrorOf(schema, json) ?? '', parseErrorOf).path;
}

const VIOLATIONS = 'google.rpc.BadRequest';
const INFO = 'google.rpc.ErrorInfo';
const RULE = 'google.api.HttpRule';

describe('the path of a wrong field', () => {
  it.each<[string, string, JsonObject]>([
    ['leads into a list', 'fieldViolations[2].description', { fieldViolations: [{}, { field: 'a' }, { field: 'b', description: 1 }, {}] }],
    ['leads to an item that is no message', 'fieldViolations[1]', { fieldViolations: [{}, 3] }],
    ['leads to the first of two', 'fieldViolations[0].field', { fieldViolations: [{ field: 1 }, { field: 2 }] }],
    ['is in the names of JSON', 'fieldViolations[0].field', { field_violations: [{ field: 1 }] }],
    ['ends at a field that is no list', 'fieldViolations', { fieldViolations: 'none' }],
    ['names what the type does not have', 'fieldViolations[1].colour', { fieldViolations: [{}, { colour: 1 }] }],
  ])('%s', (_, path, json) => {
    expect(pathOf(VIOLATIONS, json)).toBe(path);
  });

  it('leads into a map', () => {
    expect(pathOf(INFO, { reason: 'X', metadata: { a: 'fine', 'b c': 7, d: 8 } })).toBe('metadata["b c"]');
  });

  it('is empty if only the combination of fields is malformed', () => {
    expect(pathOf(RULE, { selector: 'x', get: '/a', put: '/b' })).toBe('');
  });

  it('ends at the depth limit', () => {
    let rule: JsonObject = { selector: 1 };
    for (let depth = 0; depth < 20; depth++) rule = { additionalBindings: [rule] };
    expect(pathOf(RULE, rule)).toMatch(/^(additionalBindings\[0\]\.?)+$/);
  });
});

describe('the cost of the search', () => {
  /** Fields and items parsed until the path is found. */
  function work(type: string, json: JsonObject): number {
    const schema = schemaOf(type);
    let read = 0;
    const counted = (of: DescMessage, part: JsonObject) => {
      JSON.stringify(part, (_, value) => {
        read++;
        return value;
      });
      return parseErrorOf(of, part);
    };
    expect(wrongField(schema, json, parseErrorOf(schema, json) ?? '', counted).path).not.toBe('');
    return read;
  }

  const many = (size: number) => Array.from({ length: size }, (_, index) => index);
  const lists = (size: number, wrong: number) => ({ fieldViolations: many(size).map((at) => ({ field: at === wrong ? at : `${at}` })) });
  const maps = (size: number, wrong: number) => ({
    metadata: Object.fromEntries(many(size).map((at) => [`k${at}`, at === wrong ? at : `${at}`])),
  });
  const unknown = (size: number) => Object.fromEntries(many(size).map((at) => [`colour${at}`, 1]));

  it.each([
    ['in a list', VIOLATIONS, lists],
    ['in a map', INFO, maps],
    ['among fields that there are not', INFO, unknown],
  ])('is linear in the size of the request, %s', (_, type, make) => {
    for (const place of [0, 0.3, 1]) {
      const [small, large] = [500, 8000].map((size) => work(type, make(size, Math.floor(place * (size - 1)))));
      expect((large ?? 0) / (small ?? 0)).toBeLessThan(17);
    }
  });

  it('is a small multiple of the size of the request', () => {
    const json = lists(10_000, 9_999);
    let size = 0;
    JSON.stringify(json, (_, value) => {
      size++;
      return value;
    });
    expect(work(VIOLATIONS, json)).toBeLessThan(6 * size);
  });
});
