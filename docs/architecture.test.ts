import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

/** What is sent as google.rpc.ErrorInfo.reason: the first text of an error's constructor, a refusal of a domain, a reason of a sidecar's own answer. */
const REASON_FORMS = [
  /(?:notFound|failedPrecondition|precondition|alreadyExists|aborted|unavailable)\(\s*'([A-Z_]+)'/g,
  /new RpcError\(\s*(?:status|code)\.[A-Z_]+,\s*'([A-Z_]+)'/g,
  /reason(?: =|:) '([A-Z_]+)'/g,
  /=> [A-Za-z]+ \| '([A-Z_]+)'|: [A-Za-z]+ \| '([A-Z_]+)' \{/g,
  /type Refusal =[^;]*/g,
];

/** What rules of a domain answer to events: it becomes a dead letter, and never an error of a call. */
const NOT_SENT = ['NOT_RESERVED'];

function sources(): string[] {
  const files = ['services', 'envoy', 'dev/observer'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(root, folder, name)),
  );
  return files
    .filter(
      (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !/envoy\/(tools|testing|conformance|policy|generate)/.test(file),
    )
    .map((file) => readFileSync(file, 'utf8'));
}

function reasons(source: string): string[] {
  return REASON_FORMS.flatMap((form) => [...source.matchAll(form)]).flatMap(([text]) =>
    [...text.matchAll(/'([A-Z_]+)'/g)].map(([, reason = '']) => reason),
  );
}

it('the table of errors lists exactly the reasons that the sources send', () => {
  const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
  const table = page.slice(page.indexOf('## Errors'), page.indexOf('Errors are Trailers-Only'));
  const listed = [...table.matchAll(/`([A-Z]+(?:_[A-Z]+)*)`/g)].map(([, reason = '']) => reason);
  expect(new Set(listed)).toEqual(new Set(sources().flatMap(reasons)).difference(new Set(NOT_SENT)));
});
