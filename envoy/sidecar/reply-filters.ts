import { type Message, any as packed } from '../json.ts';

/** One filter of a mapper of local_reply_config, which all of these have to pass. */
export function all(...filters: readonly Message[]): Message {
  const [only] = filters;
  return filters.length === 1 && only ? only : { and_filter: { filters } };
}

/** One of several filters that is enough. */
export function any(...filters: readonly Message[]): Message {
  return { or_filter: { filters } };
}

/** By a key of dynamic metadata that a filter has set. */
export function hasMetadata(filter: string, key: string): Message {
  const matcher = { filter, path: [{ key }], value: { present_match: true } };
  return { metadata_filter: { matcher, match_if_key_not_found: false } };
}

/** By the HTTP status that Envoy gives. */
export function statusFilter(op: 'EQ' | 'GE', status: number): Message {
  return { status_code_filter: { comparison: { op, value: { default_value: status, runtime_key: `local_reply.${status}` } } } };
}

/** By an expression of CEL on Envoy's attributes; one that cannot be evaluated is not true. */
export function expression(text: string): Message {
  const type = 'envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter';
  return { extension_filter: { name: 'envoy.access_loggers.extension_filters.cel', typed_config: packed(type, { expression: text }) } };
}

function headerFilter(header: Message): Message {
  return { header_filter: { header } };
}

function contentType(prefix: string): Message {
  return headerFilter({ name: 'content-type', string_match: { prefix } });
}

export const GRPC = contentType('application/grpc');
export const GRPC_WEB = contentType('application/grpc-web');
/** To be asked before GRPC_WEB. */
export const GRPC_WEB_JSON = contentType('application/grpc-web+json');
export const CONNECT_JSON_STREAM = contentType('application/connect+json');
export const CONNECT_PROTO_STREAM = contentType('application/connect+proto');
export const NOT_TRANSCODED = headerFilter({ name: 'x-envoy-original-path', present_match: true, invert_match: true });
/** A call that a transcoder has made of a REST request. */
export const TRANSCODED = all(GRPC, headerFilter({ name: 'x-envoy-original-path', present_match: true }));
/** gRPC as its caller sent it, where calls that a transcoder has made of REST requests come too. */
export const CALLED_BY_GRPC = all(GRPC, NOT_TRANSCODED);
/** `/package.Service/Method`: what has no content type of gRPC there is Connect. */
export const RPC_PATH = headerFilter({ name: ':path', string_match: { safe_regex: { regex: String.raw`/(\w+\.)+\w+/\w+(\?.*)?` } } });
