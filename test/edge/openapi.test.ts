import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { COMMON_ERRORS } from '../../dev/docs/errors.ts';
import { root } from '../../dev/paths.mjs';
import { publicImage } from '../../envoy/edge/image.ts';
import { onlyRunning } from '../../services/gateway/api-document.ts';
import { stockAddsUp } from '../resilience/support/resilience.ts';
import { eventually } from '../support/eventually.ts';
import { control, edge, system } from '../support/instance.ts';
import { registerCar, reserve } from '../support/rentcar.ts';
import { runSystem } from '../support/systems.ts';
import {
  type ApiDocument,
  type ApiRequest,
  built,
  type DocumentedOperation,
  examples,
  mistakes,
  operations,
  requestOf,
  unprovokedReasons,
} from './support/api-document.ts';
import { describeExamples, send } from './support/examples.ts';

/** Whose operations are called here: of the system that the tests run on, and of every instance. Other systems have tests of their own. */
const SYSTEMS: readonly string[] = [...system.systems.map(({ name }) => name), 'rentmesh'];

const called = operations.filter((operation) => SYSTEMS.includes(operation.system));

/** Reasons that need an outage, a race, a policy with an error or a mistake of the system: other tests show them. */
const SHOWN_ELSEWHERE: readonly string[] = [
  ...['DEADLINE_EXCEEDED', 'INTERNAL', 'INVALID_FIELD', 'OVERLOADED', 'POLICY_DEFECT', 'REQUEST_TIMEOUT', 'STOPPING', 'STORE_BUSY'],
  ...['STORE_UNAVAILABLE', 'SUPERVISOR_UNAVAILABLE', 'UPSTREAM_TIMEOUT', 'UPSTREAM_UNAVAILABLE'],
];

describe('the API document', () => {
  it('is a valid OpenAPI 3.1 document', async () => {
    const result = await new Validator().validate(JSON.parse(JSON.stringify(built)));
    expect(result).toEqual({ valid: true });
  });

  it('is what the edge serves of the running systems, as JSON and as YAML', async () => {
    const { systems } = await control.status();
    const served = await servedDocument();
    expect(served).toEqual(onlyRunning(built, new Set(systems)));
    expect(systemsIn(served)).toEqual([...systems, 'rentmesh'].toSorted());
    expect(parse(await (await fetch(`${edge.url}/openapi.yaml`)).text())).toEqual(served);
    expect(await new Validator().validate({ ...served })).toEqual({ valid: true });
  });

  it('has a system as long as it runs', async () => {
    await runSystem('starcoffee');
    await eventually('starcoffee in the document', async () => expect(systemsIn(await servedDocument())).toContain('starcoffee'));
    await control.down('starcoffee');
    await eventually('starcoffee out of it', async () => expect(systemsIn(await servedDocument())).not.toContain('starcoffee'));
    expect(await (await fetch(`${edge.url}/openapi.yaml`)).text()).not.toContain('starcoffee');
  });

  it('has a page with its viewer', async () => {
    const page = await fetch(`${edge.url}/docs`);
    expect(page.headers.get('content-type')).toMatch('text/html');
    const files = [...(await page.text()).matchAll(/(?:src|href)="(\/docs\/[^"]+)"/g)].map(([, file = '']) => file);
    expect(files).not.toEqual([]);
    for (const file of [...files, '/docs/viewer/standalone.esm.js']) expect((await fetch(`${edge.url}${file}`)).status, file).toBe(200);
  });

  it('has every method that the edge offers, and no other', () => {
    const offered = publicImage(readFileSync(join(root, 'gen/image.binpb'))).methods.map(({ path }) => path.split('.').at(-1));
    expect(operations.map(({ title }) => title.replace('.', '/')).toSorted()).toEqual(offered.toSorted());
  });

  it('describes every operation, parameter, member, value and error', () => {
    expect(undescribed(built)).toEqual([]);
    const values = Object.entries(built.components.schemas).flatMap(([name, schema]) => {
      const { enum: known = [], description = '' } = schema as { enum?: string[]; description?: string };
      return known.filter((value) => !description.includes(`\`${value}\`: `)).map((value) => `${name}.${value}`);
    });
    expect(values).toEqual([]);
  });

  it('has an example for each success and for each error of a method', () => {
    const shown = new Set(examples.filter(({ status }) => status === 200).map(({ operation }) => operation));
    expect(operations.filter((operation) => !shown.has(operation)).map(({ title }) => title)).toEqual([]);
    const common = COMMON_ERRORS.map(({ reason }) => reason);
    const bare = operations.flatMap((each) => unprovokedReasons(each).filter((reason) => !common.includes(reason)));
    expect(bare.filter((reason) => !SHOWN_ELSEWHERE.includes(reason))).toEqual([]);
  });
});

describeExamples(SYSTEMS, {
  settled: stockAddsUp,
  // Until callers send calls to the part again.
  healed: async () => {
    const { carId } = await registerCar(1);
    await reserve({ carId });
  },
  unsent: ['ObserverService.ExplainCall/policyDefect', 'ObserverService.PlayDemonstration/notWell'],
});

describe('what can happen to every request is answered as documented', () => {
  const spoil: Readonly<Record<string, (request: ApiRequest) => ApiRequest>> = {
    REQUEST_TOO_LARGE: (request) => ({ ...request, body: JSON.stringify({ carName: 'x'.repeat(2 ** 20) }) }),
    UNSUPPORTED_MEDIA_TYPE: (request) => ({ ...request, headers: { ...request.headers, 'content-encoding': 'gzip' } }),
    HEADERS_TOO_LARGE: (request) => ({ ...request, headers: { ...request.headers, 'x-large': 'x'.repeat(40_000) } }),
    MALFORMED_REQUEST: (request) =>
      request.method === 'POST' ? { ...request, body: '{' } : { ...request, path: `${request.path.split('?')[0]}?colour=red` },
  };
  const cases = called.flatMap((operation) =>
    unprovokedReasons(operation).map((reason) => ({ operation, reason, title: operation.title })),
  );
  /** What decides how the edge treats a request: its verb, and whether its answer is a stream. */
  const routeKind = ({ verb, path }: DocumentedOperation) => `${verb} ${path.endsWith(':watch') ? 'stream' : 'message'}`;
  const spoiled = [
    ...Map.groupBy(
      cases.filter(({ reason }) => spoil[reason] !== undefined),
      ({ operation, reason }) => `${routeKind(operation)} ${reason}`,
    ).values(),
  ].flatMap(([first]) => first ?? []);

  it('covers a read, a write and a stream', () => {
    expect([...new Set(spoiled.map(({ operation }) => routeKind(operation)))].toSorted()).toEqual([
      'get message',
      'get stream',
      'post message',
    ]);
  });

  it.each(spoiled)('$title: $reason', async ({ operation, reason }) => {
    const [first] = examples.filter((each) => each.operation === operation && each.status === 200);
    const request = spoil[reason]?.(first?.request ?? requestOf(operation, ''));
    if (request === undefined) throw new Error('unreachable: only what can be spoilt is asked for');
    const answer = await send(request);
    const [status, value] = documentedError(operation, reason);
    expect(answer.status, JSON.stringify(answer.body)).toBe(status);
    expect(mistakes(operation, status, answer.body), JSON.stringify(answer.body)).toEqual([]);
    expect(answer.body).toMatchObject({ code: value.code, details: [expect.objectContaining({ reason })] });
  });

  it('and what needs an outage or a mistake is shown by other tests', () => {
    const elsewhere = new Set(cases.map(({ reason }) => reason).filter((reason) => spoil[reason] === undefined));
    expect([...elsewhere].toSorted()).toEqual(SHOWN_ELSEWHERE);
  });
});

describe('a state that has a tag', () => {
  const tagged = called.filter(({ operation }) => operation.responses['304'] !== undefined);

  it.each(tagged)('$title is answered once, and then only when it is another', async (operation) => {
    const [example] = examples.filter((each) => each.operation === operation && each.status === 200);
    if (example === undefined) throw new Error(`${operation.title} has no example`);
    const first = await send(example.request);
    const tag = first.headers.get('etag');
    expect(tag).toMatch(/^(W\/)?"[^"]+"$/);
    const again = { ...example.request, headers: { 'if-none-match': String(tag) } };
    expect(await send(again)).toMatchObject({ status: 304, body: undefined });
    expect(await send({ ...again, headers: { 'if-none-match': '"another"' } })).toMatchObject({ status: 200, body: first.body });
  });
});

/** The document that the edge serves now. */
async function servedDocument(): Promise<ApiDocument> {
  const answer = await fetch(`${edge.url}/openapi.json`);
  expect(answer.headers.get('content-type')).toBe('application/json');
  // The edge serves what `built` is made from.
  return (await answer.json()) as ApiDocument;
}

/** The first words of the packages that a document's operations and schemas have, but for google.rpc, sorted. */
function systemsIn({ paths, components }: ApiDocument): string[] {
  const ids = Object.values(paths).flatMap((path) => Object.values(path).map(({ operationId }) => operationId));
  const words = [...ids, ...Object.keys(components.schemas)].map((name) => name.split('.')[0] ?? '');
  return [...new Set(words)].filter((word) => word !== 'google').toSorted();
}

/** The status and the example of an error in the document. */
function documentedError({ operation, title }: DocumentedOperation, reason: string): [number, { readonly code: number }] {
  for (const [status, { content }] of Object.entries(operation.responses)) {
    const found = content?.['application/json'].examples?.[reason];
    // An example of an error is a google.rpc.Status.
    if (found !== undefined) return [Number(status), found.value as { readonly code: number }];
  }
  throw new Error(`${title} does not document ${reason}`);
}

/** The places in a document where something has no description: parameters, headers, responses, operations, schemas and their members. */
function undescribed(value: unknown, place = ''): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const needs = /\/(parameters\/\d+|responses\/\d+|headers\/[^/]+|properties\/[^/]+|schemas\/[^/]+|paths\/[^/]+\/[^/]+|tags\/\d+)$/.test(
    place,
  );
  const missing = needs && !/\/examples?\//.test(place) && !('description' in value && value.description !== '') ? [place] : [];
  const members = Object.entries(value).filter(([name]) => name !== 'examples' && name !== 'example');
  // A path may have slashes itself.
  return [...missing, ...members.flatMap(([name, member]) => undescribed(member, `${place}/${name.replaceAll('/', '~1')}`))];
}
