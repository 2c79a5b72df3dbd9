import { type Message, message } from '../json.ts';

/** A percentage with fractions as parts of a million, cut off as Istio does (not rounded). */
export function partsOfMillion(percent: number | undefined): Message {
  return message({ numerator: Math.trunc((percent ?? 0) * 10_000) || undefined, denominator: 'MILLION' });
}

/** A whole percentage. Parts of a hundred are the default of the type. */
export function partsOfHundred(percent: number): Message {
  return message({ numerator: percent || undefined });
}
