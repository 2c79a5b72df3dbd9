import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { root } from '../paths.mjs';
import { readBase } from './base.ts';
import { COMMON_ERRORS, errorBody, httpStatus, readMethodText } from './errors.ts';

describe('the comment of a method', () => {
  it('is text and a list of errors, whose lines may go on indented', () => {
    const comment =
      'Takes.\n\nOnce.\n\nErrors:\n- NOT_FOUND, `CAR_NOT_FOUND`: no car has\n  the id.\n- ABORTED, `HOLD_RELEASED`: too late.';
    expect(readMethodText(comment)).toEqual({
      text: 'Takes.\n\nOnce.',
      errors: [
        { code: 'NOT_FOUND', reason: 'CAR_NOT_FOUND', when: 'no car has the id' },
        { code: 'ABORTED', reason: 'HOLD_RELEASED', when: 'too late' },
      ],
    });
    expect(readMethodText('Errors:\n- NOT_FOUND, `GONE`: gone.').text).toBe('');
    expect(readMethodText('Lists.')).toEqual({ text: 'Lists.', errors: [] });
  });

  it.each(['- CAR_NOT_FOUND: no car has the id.', '- NOTFOUND, `CAR_NOT_FOUND`: no car has the id.', 'NOT_FOUND if no car has the id.'])(
    'is refused where an error has another form: %s',
    (entry) => {
      expect(() => readMethodText(`Returns.\n\nErrors:\n${entry}`)).toThrow(entry);
    },
  );
});

describe('an error', () => {
  it('has the HTTP status of its gRPC status, unless the edge answers with another', () => {
    expect(httpStatus({ code: 'FAILED_PRECONDITION', reason: 'X', when: '' })).toBe(400);
    expect(httpStatus({ code: 'RESOURCE_EXHAUSTED', reason: 'X', when: '', status: 413 })).toBe(413);
  });

  it('that can pass says when to try again', () => {
    expect(errorBody({ code: 'UNAVAILABLE', reason: 'AWAY', when: 'away' }).details).toContainEqual({
      '@type': 'type.googleapis.com/google.rpc.RetryInfo',
      retryDelay: '1s',
    });
  });
});

/** Reasons of all systems that are no REST errors of a service: of gRPC or Connect alone, of pages, or that no part makes. */
const NOT_OF_REST = new Set([
  ...['ANSWER_TOO_LARGE', 'DRAINING', 'UNSUPPORTED_COMPRESSION', 'UPSTREAM_ANSWER'],
  ...['MALFORMED_MESSAGE', 'SERVICE_UNKNOWN', 'CANCELLED'],
  ...['METHOD_NOT_FOUND', 'METHOD_NOT_ALLOWED', 'RATE_LIMITED', 'CROSS_SITE', 'HOST_NOT_ALLOWED', 'UNAUTHENTICATED', 'PERMISSION_DENIED'],
]);

/** The reasons that a section of a page in docs/ lists; of the whole page up to the first section if `heading` is undefined. */
function reasonsIn(file: string, heading: string | undefined): string[] {
  const sections = readFileSync(join(root, 'docs', file), 'utf8').split(/^## /m);
  const section = heading === undefined ? sections[0] : sections.find((text) => text.startsWith(`${heading}\n`));
  return [...(section ?? '').matchAll(/`([A-Z]+(?:_[A-Z]+)*)`/g)].map(([, reason = '']) => reason);
}

it('the API page names the reasons that docs/errors.md and the pages of the systems list', () => {
  const methods = readBase().operations;
  const documented = methods.flatMap(({ operation }) => readMethodText(String(operation.description ?? '')).errors);
  const ofSystems = readdirSync(join(root, 'docs')).flatMap((file) => reasonsIn(file, 'Errors'));
  const listed = new Set([...reasonsIn('errors.md', undefined), ...ofSystems]);
  const named = new Set([...documented, ...COMMON_ERRORS].map(({ reason }) => reason));
  expect([...named].toSorted()).toEqual([...listed.difference(NOT_OF_REST)].toSorted());
});
