import type { Message } from '../json.ts';
import type { PublicMethod } from './image.ts';
import { luaFilter, script } from './lua.ts';

/** The name of the filter, for routes that enable it. */
export const UNWRAP = 'rentmesh.unwrap';

/** The filter that gives the transcoder the message of `response_body` as the answer. It stands between the transcoder and the router. */
export function unwrapFilter(): Message {
  return luaFilter(UNWRAP, script('unwrap'));
}

/** Names the field for the filter, as metadata of a method's route. */
export function unwrapOnRoute({ bodyField }: Pick<PublicMethod, 'bodyField'>): Message {
  return bodyField === undefined ? {} : { [UNWRAP]: { field: bodyField } };
}
