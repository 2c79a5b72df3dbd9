import { any, type Message } from '../json.ts';
import type { PublicMethod } from './image.ts';
import { luaFilter, script } from './lua.ts';

const NAME = 'envoy.filters.http.lua';

/** The filter that gives the transcoder the message of `response_body` as the answer. It stands between the transcoder and the router. */
export function unwrapFilter(): Message {
  return luaFilter(NAME, script('unwrap'));
}

/** Tells the filter on a method's route which field to take, or that there is nothing to do. */
export function unwrapOnRoute(method: PublicMethod): { typed_per_filter_config?: Message; metadata?: Message } {
  return method.bodyField === undefined
    ? { typed_per_filter_config: { [NAME]: any('envoy.extensions.filters.http.lua.v3.LuaPerRoute', { disabled: true }) } }
    : { metadata: { filter_metadata: { [NAME]: { field: method.bodyField } } } };
}
