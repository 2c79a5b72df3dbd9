import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const json = z.json();

/** A request with its answer: on the page, and sent to the running system by test/edge/openapi.test.ts. */
const Example = z.strictObject({
  /** What the example shows, in a few words. */
  summary: z.string(),
  path: z.record(z.string(), z.string()).default({}),
  query: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  headers: z.record(z.string(), z.string()).default({}),
  body: json.optional(),
  /** The answer of a success; of a streaming method the first message. */
  answer: json.optional(),
  /** The error that is answered instead. */
  error: z
    .strictObject({
      reason: z.string(),
      /** Where the edge and not the service answers: `rentmesh`. */
      domain: z.literal('rentmesh').exactOptional(),
      message: z.string(),
      metadata: z.record(z.string(), z.string()).default({}),
      fields: z.record(z.string(), z.string()).optional(),
    })
    .optional(),
  /** Other examples that have to be sent before, as `Service.Method/name`. */
  after: z.array(z.string()).default([]),
  /** A part of the system that is stopped while the example is sent, such as `car-1`. */
  without: z.string().optional(),
  /** Other statuses that the answer may have, where an event may be faster than the answer. */
  mayBe: z.array(z.string()).default([]),
  /** Why the example is not sent by the test. */
  unsent: z.string().optional(),
});

export type Example = z.infer<typeof Example> & { readonly name: string };

const File = z.record(z.string(), z.record(z.string(), Example));

/**
 * Reads the examples of all contracts: `<name>.examples.yaml` beside `<name>.proto`, by `Service.Method` and the example's own name.
 * @returns the examples by the method's full name, `rentcar.car.v1.CarService.GetCar`, in the order of the files
 */
export function readExamples(contracts: string): ReadonlyMap<string, readonly Example[]> {
  const found = new Map<string, readonly Example[]>();
  for (const name of readdirSync(contracts, { recursive: true, encoding: 'utf8' }).toSorted()) {
    if (!name.endsWith('.examples.yaml')) continue;
    if (!existsSync(join(contracts, name.replace(/\.examples\.yaml$/, '.proto')))) throw new Error(`${name} belongs to no .proto`);
    const protoPackage = name.split(/[\\/]/).slice(0, -1).join('.');
    const file = parse(readFileSync(join(contracts, name), 'utf8'));
    const read = File.safeParse(file);
    if (!read.success) throw new Error(`${name}: ${z.prettifyError(read.error)}`);
    for (const [method, examples] of Object.entries(read.data)) {
      found.set(
        `${protoPackage}.${method}`,
        Object.entries(examples).map(([title, example]) => ({ name: title, ...example })),
      );
    }
  }
  return found;
}
