import type { Message } from '../json.ts';
import { luaFilter, script } from './lua.ts';

/** The name of the filter, for routes that enable it. */
export const ETAG = 'rentmesh.etag';

/** The filter that answers a conditional GET with 304 where a service has told an ETag. */
export function etagFilter(): Message {
  return luaFilter(ETAG, script('etag'));
}
