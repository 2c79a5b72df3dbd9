import { type DescField, getOption, hasOption } from '@bufbuild/protobuf';
import { type FieldRules, field as fieldRules, Ignore } from '@bufbuild/protovalidate/gen/buf/validate/validate_pb.js';
import type { JsonObject } from './json.ts';

/** What the protovalidate rules of a request's field say in the words of JSON Schema. */
export interface Rules {
  readonly keywords: JsonObject;
  /** Whether a request without the field is refused. */
  readonly required: boolean;
}

/** The rules of a field. A rule in CEL has no form in JSON Schema: the field's comment says it. */
export function rulesOf(field: DescField): Rules {
  if (!hasOption(field, fieldRules)) return { keywords: {}, required: false };
  const rules = getOption(field, fieldRules);
  const keywords = keywordsOf(rules);
  return { keywords, required: rules.required || (rules.ignore !== Ignore.IF_ZERO_VALUE && refusesZero(keywords)) };
}

function keywordsOf({ type }: FieldRules): JsonObject {
  switch (type.case) {
    case 'string': {
      const { minLen, maxLen, pattern, wellKnown } = type.value;
      return {
        ...(minLen > 0 && { minLength: Number(minLen) }),
        ...(maxLen > 0 && { maxLength: Number(maxLen) }),
        ...(pattern !== '' && { pattern }),
        ...(wellKnown.case === 'uuid' && wellKnown.value && { format: 'uuid' }),
      };
    }
    case 'int32':
    case 'uint32':
    case 'float':
    case 'double': {
      const { greaterThan, lessThan } = type.value;
      return {
        ...(greaterThan.case === 'gte' && { minimum: greaterThan.value }),
        ...(greaterThan.case === 'gt' && { exclusiveMinimum: greaterThan.value }),
        ...(lessThan.case === 'lte' && { maximum: lessThan.value }),
        ...(lessThan.case === 'lt' && { exclusiveMaximum: lessThan.value }),
      };
    }
    case 'repeated': {
      const { minItems, maxItems } = type.value;
      return { ...(minItems > 0 && { minItems: Number(minItems) }), ...(maxItems > 0 && { maxItems: Number(maxItems) }) };
    }
    default:
      return {};
  }
}

/** Whether the value that an absent field has breaks the rules. */
function refusesZero({ minLength, format, minimum, exclusiveMinimum, minItems }: JsonObject): boolean {
  return [minLength, minimum, minItems].some((least) => Number(least ?? 0) > 0) || format === 'uuid' || Number(exclusiveMinimum ?? -1) >= 0;
}
