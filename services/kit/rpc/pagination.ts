import { hash } from 'node:crypto';
import { isId } from '../runtime/ids.ts';
import type { CallContext } from './call.ts';
import { invalidArgument } from './errors.ts';

const DEFAULT_SIZE = 20;
const MAX_SIZE = 100;

/** The types of the parts of a cursor: a time, a UUID, or any text. */
interface Parts {
  readonly date: Date;
  readonly uuid: string;
  readonly text: string;
}

/** The smallest value of each kind. Together they precede all items. */
const FIRST: Parts = { date: new Date(0), uuid: '00000000-0000-0000-0000-000000000000', text: '' };

/** The kind of a part of a cursor. */
export type CursorPart = keyof Parts;

/** The sort key of an item, by which a page continues after it. */
export type Cursor<K extends readonly CursorPart[]> = { readonly [I in keyof K]: Parts[K[I]] };

/** A request of a list method. All fields but these two are filters. */
export interface ListRequest {
  readonly pageSize: number;
  readonly pageToken: string;
}

/** The requested page. */
export interface Page<K extends readonly CursorPart[]> {
  /** The largest number of items: the requested size, at most 100; 20 if the request gives none. */
  readonly limit: number;
  /** The sort key of the last item of the page before; undefined for the first page. */
  readonly after: Cursor<K> | undefined;
  /**
   * Returns the token of the next page, which is empty after the last page. The page after an empty page that has
   * successors begins at the same place.
   *
   * @param hasMore whether later pages may have items; by default whether the page is full
   */
  nextPageToken<T>(items: readonly T[], cursorOf: (item: T) => Cursor<K>, hasMore?: boolean): string;
}

/**
 * Returns the requested page. A page token belongs to its list and to the values of the
 * filters. It is opaque to clients, but not a secret.
 *
 * @param parts the kinds of the parts of the sort key
 * @throws RpcError INVALID_ARGUMENT on pageToken, unless the token is of the same list with the same filters
 */
export function pageOf<const K extends readonly CursorPart[]>(
  request: ListRequest,
  { call }: Pick<CallContext, 'call'>,
  parts: K,
): Page<K> {
  const { pageSize, pageToken, ...filters } = request;
  const limit = pageSize > 0 ? Math.min(pageSize, MAX_SIZE) : DEFAULT_SIZE;
  const list = hash('sha256', JSON.stringify([call.getPath(), filters]), 'base64url').slice(0, 16);
  return {
    limit,
    after: pageToken === '' ? undefined : decode(pageToken, list, parts),
    nextPageToken: (items, cursorOf, hasMore = items.length === limit) => {
      if (!hasMore) return '';
      const last = items.at(-1);
      if (last !== undefined) return encode(list, cursorOf(last));
      return pageToken === ''
        ? encode(
            list,
            parts.map((part) => FIRST[part]),
          )
        : pageToken;
    },
  };
}

function encode(list: string, cursor: readonly (Date | string)[]): string {
  // JSON writes a Date as its ISO text.
  return Buffer.from(JSON.stringify([list, ...cursor])).toString('base64url');
}

function decode<K extends readonly CursorPart[]>(token: string, list: string, parts: K): Cursor<K> {
  const [tokenList, ...cursor] = parse(token);
  const values = parts.map((part, index) => partOf(cursor[index], part));
  if (tokenList !== list || cursor.length !== parts.length || values.includes(undefined)) {
    throw invalidArgument('pageToken', 'must be the nextPageToken of an answer to the same request');
  }
  // Each value has the type of its part.
  return values as unknown as Cursor<K>;
}

function parse(token: string): string[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(token, 'base64url').toString());
    return Array.isArray(value) && value.every((part) => typeof part === 'string') ? value : [];
  } catch {
    return [];
  }
}

/** Returns a part of a cursor by its kind, so that a query can use it as it is; undefined if it has another form. */
function partOf(text: string | undefined, part: CursorPart): Date | string | undefined {
  if (text === undefined || part === 'text') return text;
  if (part === 'uuid') return isId(text) ? text : undefined;
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/.test(text) && !Number.isNaN(Date.parse(text));
  return isTime ? new Date(text) : undefined;
}
