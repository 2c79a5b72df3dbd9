import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { AnyTable } from '#kit/postgres/table.ts';
import { entityNotFound } from '#kit/rpc/resource.ts';

const root = join(import.meta.dirname, '..');
const services = join(root, 'services');

/** Where a source names a google.rpc.ErrorInfo.reason: an argument of an error's constructor, a field, or the refusals of a rule. */
const REASON_FORMS = [
  /(?:notFound|failedPrecondition|precondition|alreadyExists|aborted|unavailable)\(\s*'([A-Z_]+)'/g,
  /new RpcError\(\s*(?:status|code)\.[A-Z_]+,\s*'([A-Z_]+)'/g,
  /[rR]eason(?: =|:) '([A-Z_]+)'/g,
  /=> [A-Za-z]+ \| '([A-Z_]+)'|: [A-Za-z]+ \| '([A-Z_]+)' \{/g,
  /type \w*Refusal =[^;]*/g,
  /Decision<[^>]*>/g,
];

/** Refusals of events, which become dead letters, and refusals of the kit, which services send under reasons of their own. */
const NOT_SENT = new Set(['NOT_RESERVED', 'NOT_REQUESTED', 'UNKNOWN_RENTAL', 'EFFECT_RELEASED', 'EFFECT_OF_OTHER_CONTENT']);

function filesIn(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith('.ts') && !/(\.test|testing)\.ts$/.test(name)).map((name) => join(folder, name));
}

function reasonsIn(files: readonly string[]): Set<string> {
  const found = files
    .filter((file) => !/envoy\/(testing|conformance|policy|generate)/.test(file))
    .map((file) => readFileSync(file, 'utf8'))
    .flatMap((source) => REASON_FORMS.flatMap((form) => [...source.matchAll(form)]))
    .flatMap(([text]) => [...text.matchAll(/'([A-Z_]+)'/g)].map(([, reason = '']) => reason));
  return new Set(found).difference(NOT_SENT);
}

/** The reasons of absent rows, by the tables that a service declares. */
async function absentEntities(files: readonly string[]): Promise<Set<string>> {
  const modules = await Promise.all(files.filter((file) => file.endsWith('/store.ts')).map((file) => import(file)));
  const tables = modules.flatMap((module) => Object.values(module)).filter(isTable);
  return new Set(tables.map((table) => entityNotFound(table, '').reason));
}

function isTable(value: unknown): value is AnyTable {
  return typeof value === 'object' && value !== null && 'statements' in value && 'mutable' in value;
}

/** The reasons that a page lists, from a heading on. */
function listedIn(page: string, from: string, to?: string): Set<string> {
  const content = readFileSync(join(root, 'docs', page), 'utf8');
  const text = content.slice(content.indexOf(from), to === undefined ? undefined : content.indexOf(to));
  return new Set([...text.matchAll(/`([A-Z]+(?:_[A-Z]+)*)`/g)].map(([, reason = '']) => reason));
}

const systems = readdirSync(services).filter((name) => existsSync(join(services, name, 'system.ts')));
const common = [join(services, 'kit'), join(services, 'gateway'), join(root, 'envoy'), join(root, 'dev/observer')].flatMap(filesIn);

it('the page of errors lists exactly the reasons of the kit, the edge and the observer', () => {
  expect(listedIn('errors.md', '# Errors', '## Form')).toEqual(reasonsIn(common));
});

it.each(systems)('the page of %s lists exactly its own reasons', async (system) => {
  const files = filesIn(join(services, system));
  const sent = reasonsIn(files).union(await absentEntities(files));
  expect(listedIn(`${system}.md`, '## Errors')).toEqual(sent.difference(reasonsIn(common)));
});
