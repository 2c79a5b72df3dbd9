import { type DescEnum, type DescField, type DescMessage, getOption, type Message } from '@bufbuild/protobuf';
import { reflect } from '@bufbuild/protobuf/reflect';
import { FeatureSet_FieldPresence } from '@bufbuild/protobuf/wkt';
import {
  DoubleRulesSchema,
  EnumRulesSchema,
  type FieldRules,
  field as fieldRules,
  Ignore,
  Int32RulesSchema,
  message as messageRules,
  oneof as oneofRules,
  RepeatedRulesSchema,
  StringRulesSchema,
  UInt32RulesSchema,
} from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js';

/** Whether a value of a ts-proto message certainly keeps its rules. False also means "not known". */
export type RuleTest = (value: unknown) => boolean;

type Fields = Readonly<Record<string, unknown>>;

/** The form that protovalidate accepts as a UUID. */
const UUID = /^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$/;

/** The one form of CEL that is compiled: a pattern that an empty text need not match. */
const MATCHES = /^this == '' \|\| this\.matches\('([^'\\]+)'\)$/;

const unknown: RuleTest = () => false;

/**
 * Compiles the protovalidate rules of a message into a test of its ts-proto form. A rule that is not
 * supported makes the test false for every message that has the field, so that the caller uses
 * protovalidate. Undefined if the message has no rules.
 */
export function compileRules(desc: DescMessage, outer: readonly DescMessage[] = []): RuleTest | undefined {
  // A recursive message could be tested only by following its values.
  if (outer.includes(desc)) return unknown;
  const { cel, celExpression, oneof } = getOption(desc, messageRules);
  const hasOwnRules = cel.length + celExpression.length + oneof.length > 0;
  if (hasOwnRules || desc.oneofs.some((each) => getOption(each, oneofRules).required)) return unknown;
  const tests: RuleTest[] = [];
  for (const field of desc.fields) {
    const test = compileField(field, [...outer, desc]);
    if (test === undefined) continue;
    const name = field.localName;
    // A decoded message is an object.
    tests.push((message) => test((message as Fields)[name]));
  }
  return all(tests);
}

function compileField(field: DescField, outer: readonly DescMessage[]): RuleTest | undefined {
  const rules = getOption(field, fieldRules);
  if (rules.ignore === Ignore.ALWAYS) return undefined;
  const test = compileValue(field, rules, outer);
  if (rules.required) return field.fieldKind === 'message' ? present(test) : unknown;
  if (test === undefined) return undefined;
  if (rules.ignore === Ignore.IF_ZERO_VALUE) return (value) => isZero(value) || test(value);
  return canBeAbsent(field) ? (value) => value === undefined || test(value) : test;
}

function compileValue(field: DescField, rules: FieldRules, outer: readonly DescMessage[]): RuleTest | undefined {
  const nested = field.message === undefined ? undefined : compileRules(field.message, outer);
  const own = compileOwn(field, rules);
  switch (field.fieldKind) {
    case 'list':
      // The items of a decoded repeated field are an array.
      return all([own, nested && ((items) => (items as readonly unknown[]).every(nested))]);
    case 'map':
      return nested === undefined ? own : unknown;
    default:
      return all([own, nested]);
  }
}

/** Compiles the rules that a field declares for itself. */
function compileOwn(field: DescField, { cel, celExpression, type }: FieldRules): RuleTest | undefined {
  const isScalar = field.fieldKind === 'scalar';
  const tests: (RuleTest | undefined)[] = cel.map(({ expression }) => (isScalar ? compileCel(expression) : unknown));
  if (celExpression.length > 0) tests.push(unknown);
  switch (type.case) {
    case undefined:
      break;
    case 'string':
      tests.push(isScalar ? compileString(declared(StringRulesSchema, type.value)) : unknown);
      break;
    case 'int32':
      tests.push(isScalar ? compileNumber(declared(Int32RulesSchema, type.value)) : unknown);
      break;
    case 'uint32':
      tests.push(isScalar ? compileNumber(declared(UInt32RulesSchema, type.value)) : unknown);
      break;
    case 'double':
      tests.push(isScalar ? compileNumber(declared(DoubleRulesSchema, type.value)) : unknown);
      break;
    case 'enum':
      tests.push(field.fieldKind === 'enum' ? compileEnum(field.enum, declared(EnumRulesSchema, type.value)) : unknown);
      break;
    case 'repeated':
      tests.push(compileList(declared(RepeatedRulesSchema, type.value)));
      break;
    default:
      tests.push(unknown);
  }
  return all(tests);
}

/** The rules of one kind that are set, by their names in validate.proto. */
type Declared = ReadonlyMap<string, unknown>;

function declared(schema: DescMessage, rules: Message): Declared {
  const reflected = reflect(schema, rules);
  const set = schema.fields.filter((rule) => rule.name !== 'example' && reflected.isSet(rule));
  const unsupported = rules.$unknown === undefined ? [] : [['unknown', true] as const];
  return new Map([...set.map((rule) => [rule.name, reflected.get(rule)] as const), ...unsupported]);
}

/** Returns the conjunction of a test per rule; one that `compile` returns undefined for is not known. */
function each(rules: Declared, compile: (name: string, value: unknown) => RuleTest | undefined): RuleTest | undefined {
  return all([...rules].map(([name, value]) => compile(name, value) ?? unknown));
}

function compileString(rules: Declared): RuleTest | undefined {
  return each(rules, (name, value) => {
    switch (name) {
      case 'min_len':
        return atLeast(Number(value));
      case 'max_len':
        return atMost(Number(value));
      case 'uuid':
        return value === true ? (text) => UUID.test(String(text)) : undefined;
      case 'pattern':
        return compilePattern(String(value));
      default:
        return undefined;
    }
  });
}

/** A length in characters; a character has one or two UTF-16 units. */
function atLeast(length: number): RuleTest {
  return (text) => typeof text === 'string' && text.length >= length && (length <= 1 || characters(text) >= length);
}

function atMost(length: number): RuleTest {
  return (text) => typeof text === 'string' && (text.length <= length || characters(text) <= length);
}

function characters(text: string): number {
  return Array.from(text).length;
}

/** Compiles a pattern of RE2 if JavaScript certainly reads it alike: ASCII, without escapes, `.` and flags. */
function compilePattern(pattern: string): RuleTest | undefined {
  if (!/^[A-Za-z0-9^$()|[\]{},?+*_-]+$/.test(pattern) || /\(\?|\[\]|\[\^|\[\[/.test(pattern)) return undefined;
  const regExp = new RegExp(pattern);
  return (text) => typeof text === 'string' && regExp.test(text);
}

function compileCel(expression: string): RuleTest {
  const pattern = MATCHES.exec(expression)?.[1];
  const test = pattern === undefined ? undefined : compilePattern(pattern);
  return test === undefined ? unknown : (value) => value === '' || test(value);
}

function compileNumber(rules: Declared): RuleTest | undefined {
  const lower = Number(rules.get('gte') ?? rules.get('gt') ?? Number.NEGATIVE_INFINITY);
  const upper = Number(rules.get('lte') ?? rules.get('lt') ?? Number.POSITIVE_INFINITY);
  // With a lower bound above the upper one, a rule accepts values outside of them.
  if (lower > upper) return unknown;
  return each(rules, (name) => {
    switch (name) {
      case 'gte':
        return (value) => Number(value) >= lower;
      case 'gt':
        return (value) => Number(value) > lower;
      case 'lte':
        return (value) => Number(value) <= upper;
      case 'lt':
        return (value) => Number(value) < upper;
      default:
        return undefined;
    }
  });
}

function compileEnum({ values }: DescEnum, rules: Declared): RuleTest | undefined {
  const numbers: ReadonlySet<unknown> = new Set(values.map(({ number }) => number));
  return each(rules, (name, value) => (name === 'defined_only' && value === true ? (number) => numbers.has(number) : undefined));
}

function compileList(rules: Declared): RuleTest | undefined {
  return each(rules, (name, value) => {
    const limit = Number(value);
    switch (name) {
      case 'min_items':
        return (items) => Array.isArray(items) && items.length >= limit;
      case 'max_items':
        return (items) => Array.isArray(items) && items.length <= limit;
      default:
        return undefined;
    }
  });
}

function present(test: RuleTest | undefined): RuleTest {
  return (value) => value !== undefined && (test === undefined || test(value));
}

/** Whether a field can be absent, so that its rules do not apply. */
function canBeAbsent({ fieldKind, oneof, presence }: DescField): boolean {
  return fieldKind === 'message' || oneof !== undefined || presence === FeatureSet_FieldPresence.EXPLICIT;
}

/** Whether a value is absent or the default of a scalar type. */
function isZero(value: unknown): boolean {
  return value === undefined || value === '' || value === 0 || value === false;
}

/** Returns the conjunction of tests; undefined if there is none. */
function all(tests: readonly (RuleTest | undefined)[]): RuleTest | undefined {
  const [first, second, ...rest] = tests.filter((test) => test !== undefined);
  if (first === undefined || second === undefined) return first;
  const others = all(rest);
  if (others === undefined) return (value) => first(value) && second(value);
  return (value) => first(value) && second(value) && others(value);
}
