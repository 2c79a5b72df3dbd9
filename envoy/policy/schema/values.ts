import { z } from 'zod';
import { parseDuration } from '../duration.ts';

// The fields of networking.istio.io/v1 as the CustomResourceDefinitions of Istio 1.31 declare them: same names, types and ranges, and no
// other field. What goes beyond types is in validate*.ts.

export const duration = z.string().transform((text, context) => {
  const value = parseDuration(text);
  if (value !== undefined) return value;
  context.addIssue({ code: 'custom', message: `"${text}" is not a duration; write for example 250ms, 1.5s or 1m` });
  return z.NEVER;
});
export const atLeastMillisecond = duration.refine((value) => value >= 1e6, { error: 'duration must be at least 1ms' });
export const int32 = z
  .int()
  .min(-(2 ** 31))
  .max(2 ** 31 - 1);
export const uint32 = z
  .int()
  .min(0)
  .max(2 ** 32 - 1);
export const uint64 = z.int().min(0);
export const labels = z.record(z.string(), z.string());
export const strings = z.array(z.string());

/** A oneof of protobuf: at most one of the fields is set. */
export function atMostOne(...fields: string[]) {
  return (value: object) => fields.filter((field) => field in value).length <= 1;
}

export const stringMatch = z
  .strictObject({ exact: z.string().optional(), prefix: z.string().optional(), regex: z.string().optional() })
  .refine(atMostOne('exact', 'prefix', 'regex'), { error: 'only one of exact, prefix and regex can be set' });
export const stringMatches = z.record(z.string(), stringMatch);
export const percent = z.strictObject({ value: z.number().optional() });
export const port = z.strictObject({ number: uint32.optional() });

export const destination = z.strictObject({ host: z.string(), port: port.optional(), subset: z.string().optional() });

export type StringMatch = z.output<typeof stringMatch>;
export type Destination = z.output<typeof destination>;
