import { createFileRegistry, type DescMessage, fromBinary, fromJson, type JsonValue, toBinary, toJson } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answer, everythingImage, type Front, messagesIn, startFront } from './envoy.ts';

/** Bodies that are tried; the front and what stands for the mesh run beside it, so that a run takes seconds. */
const RUNS = 600;

const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, everythingImage()));
const TakeRequest = registry.getMessage('everything.v1.TakeRequest') as DescMessage;

let front: Front;
/** The last message that was passed on. */
let received: Uint8Array | undefined;

beforeAll(async () => {
  front = await startFront({
    backend: async (stream) => {
      [received] = await messagesIn(stream);
      answer(stream, [new Uint8Array()]);
    },
  });
});
afterAll(() => front[Symbol.asyncDispose]());

interface Refusal {
  readonly code: number;
  readonly message: string;
  readonly details: readonly {
    readonly reason?: string;
    readonly fieldViolations?: readonly { readonly field: string; readonly description: string }[];
  }[];
}

/** What became of a request: undefined if it was passed on. */
async function send(body: string | Uint8Array, path = '/everything', init: RequestInit = {}): Promise<Refusal | undefined> {
  received = undefined;
  const response = await fetch(front.url + path, { method: 'POST', headers: { 'content-type': 'application/json' }, ...init, body });
  const text = await response.text();
  if (response.ok) return undefined;
  expect(response.status, text).toBe(400);
  const refusal: Refusal = JSON.parse(text);
  expect(refusal).toMatchObject({ code: 3, message: expect.any(String) });
  return refusal;
}

async function violations(value: unknown, path?: string, init?: RequestInit): Promise<Record<string, string>> {
  const refusal = await send(typeof value === 'string' ? value : JSON.stringify(value), path, init);
  const named = refusal?.details.find(({ fieldViolations }) => fieldViolations)?.fieldViolations ?? [];
  expect(refusal?.details.map(({ reason }) => reason)).toContain('INVALID_FIELD');
  return Object.fromEntries(named.map(({ field, description }) => [field, description]));
}

describe('a field that the contract does not have is refused by its name', () => {
  const UNKNOWN = 'the contract has no such field';
  it.each([
    ['at the top', { nome: 'x' }, 'nome'],
    ['inside a message', { all: { nested: { a_strinG: 'x' } } }, 'all.nested.a_strinG'],
    ['inside a list', { all: { children: [{}, { x: 1 }] } }, 'all.children[1].x'],
    ['inside a map', { all: { byNumber: { 7: { x: 1 } } } }, 'all.byNumber["7"].x'],
    ['inside a oneof', { all: { asMessage: { x: 1 } } }, 'all.asMessage.x'],
    ['with the name that another name replaces', { all: { otherName: 'x' } }, 'all.otherName'],
    ['in letters of another script', { 이름: 'x' }, '이름'],
    ['that holds much', { x: { y: [{ z: [1, 'two', null, true] }] } }, 'x'],
  ])('%s', async (_, body, field) => {
    expect(await violations(body)).toEqual({ [field]: UNKNOWN });
  });

  it('and all of them at once', async () => {
    expect(Object.keys(await violations({ one: 1, two: 2, all: { three: 3 } }))).toEqual(['one', 'two', 'all.three']);
  });

  it('but not more than can be read', async () => {
    const body = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`field${index}`, 1]));
    expect(Object.keys(await violations(body))).toHaveLength(20);
  });

  it('and a name that is no text, or very long, is told as far as it can be', async () => {
    expect((await send(Buffer.from([...Buffer.from('{"a'), 0xff, ...Buffer.from('":1}')])))?.message).toContain(UNKNOWN);
    const [field] = Object.keys(await violations({ ['x'.repeat(100_000)]: 1 }));
    expect(field?.length).toBeLessThan(200);
  });
});

describe('a field with a value of another type is refused by its name', () => {
  it.each([
    ['anInt32', 'many'],
    ['anInt32', 1.5],
    ['anInt32', 2 ** 31],
    ['aUint32', -1],
    ['anInt64', '9223372036854775808'],
    ['aUint64', '18446744073709551616'],
    ['aFloat', 1e39],
    ['aDouble', 'x'],
    ['aBool', 'true'],
    ['aString', 7],
    ['aString', { a: 1 }],
    ['aString', ['a']],
    ['someBytes', '*'],
    ['colour', 'BLUE'],
    ['nested', 7],
    ['nested', []],
    ['strings', 'a'],
    ['labels', []],
    ['wrappedNumber', 'x'],
    ['time', 'tomorrow'],
    ['time', { seconds: 1 }],
    ['delay', '1'],
    ['mask', {}],
    ['free', 'x'],
    ['anyList', {}],
  ])('%s: %j', async (field, value) => {
    expect(Object.keys(await violations({ all: { [field]: value } }))).toEqual([`all.${field}`]);
  });

  it('also in lists and maps', async () => {
    const all = { strings: ['a', null, 3], byFlag: { true: 'RED', maybe: 'RED', false: 'BLUE' } };
    expect(Object.keys(await violations({ all }))).toEqual([
      'all.strings[1]',
      'all.strings[2]',
      'all.byFlag["maybe"]',
      'all.byFlag["false"]',
    ]);
  });
});

describe('a body that is ambiguous is refused', () => {
  it('when a field is given twice, by one name or by both', async () => {
    expect(await violations('{"name":"a","name":"b"}')).toEqual({ name: 'is given twice' });
    expect(await violations({ all: { aString: 'a', a_string: 'b' } })).toEqual({ 'all.aString': 'is given twice' });
  });

  it('when two fields of a oneof are given', async () => {
    expect(await violations({ all: { asText: 'a', as_number: 1 } })).toEqual({
      'all.asNumber': 'only one of it and asText can be given',
    });
  });

  it('when a field is given that the path gives', async () => {
    expect(await violations({ shelf: 'other' }, '/shelves/one:put')).toEqual({ shelf: 'is given by the path' });
    expect(await send('{"name":"a"}', '/shelves/one:put')).toBeUndefined();
  });

  it('when a method takes none', async () => {
    expect((await send('{"name":"x"}', '/everything/x', { method: 'DELETE' }))?.message).toBe('this method takes no body');
  });
});

describe('a body that is one field', () => {
  it('is held against the type of that field', async () => {
    const put = { method: 'PUT' };
    expect(await send('{"aString":"x"}', '/shelves/one/books/a/b', put)).toBeUndefined();
    expect(Object.keys(await violations({ name: 'x' }, '/shelves/one/books/a/b', put))).toEqual(['name']);
  });

  it('and a path with a slash at its end is the same path', async () => {
    expect(Object.keys(await violations({ x: 1 }, '/everything/'))).toEqual(['x']);
  });
});

describe('a body that is not JSON is refused, and it is said where', () => {
  it.each([
    '{',
    '{"name"',
    '{"name":',
    '{"name":}',
    '{"name":"x}',
    '{"name":"x",}',
    "{'name':'x'}",
    '{name:"x"}',
    '{"name":"\n"}',
    '{"name":"\\x"}',
    '{"name":"\\u12"}',
    '{"all":{"anInt32":01}}',
    '{"all":{"anInt32":+1}}',
    '{"all":{"anInt32":0x1}}',
    '{"all":{"anInt32":.5}}',
    '{"all":{"aBool":True}}',
    '{"all":{"aDouble":NaN}}',
    '{} {}',
    '{}]',
    '[]',
    '"text"',
    ' ',
    '// nothing\n{}',
    '{"all":{"free":{"a":[1,2}}}',
  ])('%s', async (body) => {
    const refusal = await send(body);
    expect(refusal?.details).toMatchObject([{ reason: 'MALFORMED_REQUEST' }]);
    expect(refusal?.message).toMatch(/^the body is not JSON: .+ at byte \d+$/);
  });

  it('also where it is deeper than protobuf reads', async () => {
    const deep = (levels: number) => `{"all":{"anyValue":${'['.repeat(levels)}${']'.repeat(levels)}}}`;
    expect((await send(deep(100_000)))?.message).toContain('more than 100 levels');
    expect(await send(deep(50))).toBeUndefined();
  });

  it('and one that is compressed is not taken', async () => {
    const response = await fetch(`${front.url}/everything`, { method: 'POST', headers: { 'content-encoding': 'gzip' }, body: '{}' });
    expect(response.status).toBe(415);
    expect(await response.json()).toMatchObject({ code: 3, details: [{ reason: 'UNSUPPORTED_MEDIA_TYPE' }] });
  });
});

describe('against the parser of protobuf-es', () => {
  /** Without what the two differ in by intent: fields twice (JSON.parse drops them) and numbers in strings that JSON has no form for. */
  const scalar = fc.oneof(
    fc.integer(),
    fc.bigInt({ min: -(2n ** 64n), max: 2n ** 65n }).map(String),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.constantFrom('RED', 'GREEN', 'BLUE', 'NaN', 'Infinity', '-Infinity', '', 'AA==', 'AAA', '2026-01-02T03:04:05Z', '1.5s', 'aString'),
    fc.string({ unit: 'grapheme' }),
  );
  const name = fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(...fieldNames()) },
    { weight: 1, arbitrary: fc.constantFrom('colours2', 'A_string', 'other_name', '') },
  );
  const { message } = fc.letrec<{ message: JsonValue; value: JsonValue }>((tie) => ({
    message: fc.dictionary(name, tie('value'), { maxKeys: 4 }),
    value: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      scalar,
      tie('message'),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom('1', '-7', 'true', 'x'), tie('value'), { maxKeys: 2 }),
    ),
  }));

  it('what one takes the other takes, and it means the same', async () => {
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(fc.oneof(message, fittingMessage()), async (all) => {
        fc.pre(!givesTwice(all) && !hasUnusualMask(all));
        const body = JSON.stringify({ all });
        // Read again: JSON has no -0.
        const expected = parsed(JSON.parse(body));
        const refusal = await send(body);
        if (refusal !== undefined) {
          // What is left to the transcoder may differ in detail, but what the edge names, protobuf-es refuses too.
          expect(expected, refusal.message).toBeUndefined();
        } else if (received !== undefined && expected !== undefined) {
          taken++;
          expect(toJson(TakeRequest, fromBinary(TakeRequest, received), { registry })).toEqual(expected);
        } else {
          expect.fail(`the edge has taken what protobuf-es refuses: ${body}`);
        }
      }),
      { numRuns: RUNS },
    );
    expect(taken, 'bodies that both took').toBeGreaterThan(RUNS / 20);
  });

  function parsed(body: JsonValue): JsonValue | undefined {
    try {
      // Through the binary form, as a call passes it: there a value that is the default is not sent.
      const bytes = toBinary(TakeRequest, fromJson(TakeRequest, body, { registry, ignoreUnknownFields: false }));
      return toJson(TakeRequest, fromBinary(TakeRequest, bytes), { registry });
    } catch {
      return undefined;
    }
  }
});

function fieldNames(): string[] {
  const { fields } = registry.getMessage('everything.v1.Everything') as DescMessage;
  return fields.flatMap(({ jsonName, name }) => [jsonName, name]);
}

/** Whether a message names a field by both its names, which protobuf-es takes and the edge refuses. */
function givesTwice(value: JsonValue): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(givesTwice);
  const { fields } = registry.getMessage('everything.v1.Everything') as DescMessage;
  const both = fields.some(({ jsonName, name }) => jsonName !== name && Object.hasOwn(value, jsonName) && Object.hasOwn(value, name));
  return both || Object.values(value).some(givesTwice);
}

/** Whether a field mask has a path that is no name in lowerCamelCase: of `RED` the two make different paths, neither of which is a field. */
function hasUnusualMask(value: JsonValue): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return value.some(hasUnusualMask);
  const { mask } = value;
  return (typeof mask === 'string' && /(^|[^a-z])[A-Z]/.test(mask)) || Object.values(value).some(hasUnusualMask);
}

/** Messages whose fields mostly have values of their type. */
function fittingMessage(): fc.Arbitrary<JsonValue> {
  const int32 = fc.integer();
  const text = fc.string({ unit: 'grapheme' });
  const colour = fc.constantFrom<JsonValue>('RED', 'GREEN', 0, 7, 99);
  return fc.letrec<{ all: JsonValue }>((tie) => ({
    all: fc.record<Record<string, JsonValue>>(
      {
        anInt32: fc.oneof<fc.Arbitrary<JsonValue>[]>(int32, int32.map(String), fc.constant(null)),
        a_uint32: fc.nat(),
        anInt64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
        aUint64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
        aDouble: fc.oneof<fc.Arbitrary<JsonValue>[]>(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant('NaN')),
        aBool: fc.boolean(),
        aString: text,
        someBytes: fc.base64String(),
        colour,
        'other-Name': text,
        nested: fc.option(tie('all'), { depthSize: 'small', maxDepth: 3 }),
        perhaps: int32,
        asText: text,
        strings: fc.array(text),
        children: fc.array(tie('all'), { maxLength: 2, depthIdentifier: 'children' }).map((list) => list.slice(0, 1)),
        colours: fc.array(colour),
        labels: fc.dictionary(text, text),
        byFlag: fc.constant<JsonValue>({ true: 'RED' }),
        time: fc.date({ min: new Date(0), max: new Date('2200-01-01'), noInvalidDate: true }).map((date) => date.toISOString()),
        delay: fc.nat(1000).map((seconds) => `${seconds}s`),
        free: fc.constant<JsonValue>({ a: [1, { b: null }] }),
        anyValue: fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<JsonValue>,
        wrappedNumber: int32,
        wrappedFlags: fc.array(fc.boolean()),
      },
      { requiredKeys: [] },
    ),
  })).all;
}
