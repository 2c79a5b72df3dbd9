import { invalidArgument } from './errors.ts';
import { isId } from './ids.ts';

const DEFAULT_SIZE = 20;
const MAX_SIZE = 100;

/** What a part of a page token must look like: an ISO time, a UUID, or any text. */
export type CursorPart = 'date' | 'uuid' | 'text';

/** The number of items on a page: what was asked for, at most 100; 20 where nothing (0) was asked for. */
export function pageSize(requested: number): number {
  return requested > 0 ? Math.min(requested, MAX_SIZE) : DEFAULT_SIZE;
}

/** The page token that stands for the place after an item. It is opaque to clients, but not a secret. */
export function encodePageToken(cursor: readonly string[]): string {
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

/**
 * The cursor that a page token stands for: as many parts as `parts` names, each of that form, so that it can be used in a query as it is.
 * Undefined for the empty token, which is the first page. Throws INVALID_ARGUMENT naming pageToken for anything else.
 */
export function decodePageToken(token: string, parts: readonly CursorPart[]): string[] | undefined {
  if (token === '') return undefined;
  const cursor = parse(token);
  const fits = cursor.length === parts.length && cursor.every((text, index) => hasForm(text, parts[index]));
  if (!fits) throw invalidArgument('pageToken', 'must be the nextPageToken of an earlier answer');
  return cursor;
}

function parse(token: string): string[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    return Array.isArray(value) && value.every((part) => typeof part === 'string') ? value : [];
  } catch {
    return [];
  }
}

function hasForm(text: string, part: CursorPart | undefined): boolean {
  switch (part) {
    case 'date':
      return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/.test(text) && !Number.isNaN(Date.parse(text));
    case 'uuid':
      return isId(text);
    case 'text':
      return true;
    case undefined:
      return false;
  }
}

/** The place after a row in a list ordered by (create_time, id). */
export interface PageStart {
  readonly createTime: Date;
  readonly id: string;
}

/** Returns the place that the token of such a list stands for; undefined for the first page. */
export function pageStart(token: string): PageStart | undefined {
  const [createTime, id] = decodePageToken(token, ['date', 'uuid']) ?? [];
  return createTime === undefined || id === undefined ? undefined : { createTime: new Date(createTime), id };
}

/** The place before all rows. */
const BEGINNING = encodePageToken([new Date(0).toISOString(), '00000000-0000-0000-0000-000000000000']);

/**
 * Returns the token of the page after this one, empty if there is none. The page after an empty page begins where the
 * empty page began.
 *
 * @param token the token of this page
 */
export function nextPageToken<R extends { readonly createTime: Date }>(
  { rows, hasMore }: { readonly rows: readonly R[]; readonly hasMore: boolean },
  token: string,
  idOf: (row: R) => string,
): string {
  if (!hasMore) return '';
  const last = rows.at(-1);
  if (last !== undefined) return encodePageToken([last.createTime.toISOString(), idOf(last)]);
  return token === '' ? BEGINNING : token;
}
