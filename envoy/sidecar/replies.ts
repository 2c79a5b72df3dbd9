import { ErrorInfo, RetryInfo } from '#proto/google/rpc/error_details.ts';
import { Status } from '#proto/google/rpc/status.ts';
import { type Message, message } from '../json.ts';

/** After how long a caller may try again when Envoy itself says that a service cannot be reached, in seconds. */
const RETRY_AFTER_SECONDS = 1;
const DOMAIN = 'rentmesh';
const UNAVAILABLE = 14;
const NOT_OFFERED = 'no method is offered under this path';

/** An answer that Envoy makes itself, told by Envoy's response flags or, without any, by its HTTP status. */
interface Reply {
  readonly flags?: readonly string[];
  readonly status: number;
  /** google.rpc.Code. */
  readonly code: number;
  /** google.rpc.ErrorInfo.reason. */
  readonly reason: string;
  readonly text?: string;
}

const REPLIES: readonly Reply[] = [
  {
    flags: ['UO'],
    status: 503,
    code: UNAVAILABLE,
    reason: 'OVERLOADED',
    text: 'the service has more calls than its limit allows; try again',
  },
  {
    flags: ['UH', 'UF', 'UC', 'UR', 'LR', 'URX', 'NC', 'UPE'],
    status: 503,
    code: UNAVAILABLE,
    reason: 'UPSTREAM_UNAVAILABLE',
    text: 'the service cannot be reached now; try again',
  },
  {
    flags: ['UT', 'URX'],
    status: 504,
    code: UNAVAILABLE,
    reason: 'UPSTREAM_TIMEOUT',
    text: 'the service did not answer in time; try again',
  },
  { status: 503, code: UNAVAILABLE, reason: 'UPSTREAM_UNAVAILABLE', text: 'the service cannot be reached now; try again' },
  { status: 504, code: UNAVAILABLE, reason: 'UPSTREAM_TIMEOUT', text: 'the service did not answer in time; try again' },
  { status: 502, code: UNAVAILABLE, reason: 'UPSTREAM_UNAVAILABLE', text: 'the service cannot be reached now; try again' },
  { status: 400, code: 3, reason: 'MALFORMED_REQUEST' },
  { status: 401, code: 16, reason: 'UNAUTHENTICATED' },
  { status: 403, code: 7, reason: 'PERMISSION_DENIED' },
  { status: 404, code: 5, reason: 'METHOD_NOT_FOUND', text: NOT_OFFERED },
  { status: 405, code: 12, reason: 'METHOD_NOT_ALLOWED' },
  { status: 408, code: 4, reason: 'REQUEST_TIMEOUT', text: 'the request did not arrive in time' },
  { status: 413, code: 8, reason: 'REQUEST_TOO_LARGE', text: 'the request body is larger than 1 MiB' },
  { status: 415, code: 3, reason: 'UNSUPPORTED_MEDIA_TYPE' },
  { status: 429, code: 8, reason: 'RATE_LIMITED' },
  { status: 431, code: 8, reason: 'HEADERS_TOO_LARGE', text: 'the request headers are too large' },
];

/** Who the caller is, as far as the form of an answer depends on it. */
export interface ReplyOptions {
  /**
   * Whether the listener's transcoder makes gRPC calls of REST requests. Such a call has gRPC's content type, but its caller wants JSON; it is
   * known by x-envoy-original-path. Behind the transcoder the same header is a remnant without meaning.
   */
  readonly transcodes: boolean;
}

/**
 * Makes the answers that Envoy gives itself errors in the sense of google.rpc. A gRPC caller gets `grpc-status-details-bin` (which the
 * transcoder turns into JSON), any other caller a google.rpc.Status as JSON. What can be tried again says so by RetryInfo and `retry-after`.
 */
export function localReplies({ transcodes }: ReplyOptions): Message {
  const contentType = headerFilter({ name: 'content-type', string_match: { prefix: 'application/grpc' } });
  const isGrpc: Message = transcodes
    ? { and_filter: { filters: [contentType, headerFilter({ name: 'x-envoy-original-path', present_match: true, invert_match: true })] } }
    : contentType;
  return {
    mappers: [
      ...REPLIES.filter((reply) => reply.code === UNAVAILABLE).map((reply) => grpcMapper(isGrpc, reply)),
      // Any other answer to a gRPC call stays as Envoy makes it: the status and a message. Of 404 Envoy makes UNIMPLEMENTED.
      { filter: { and_filter: { filters: [isGrpc, statusFilter('EQ', 404)] } }, body_format_override: textFormat(NOT_OFFERED) },
      { filter: isGrpc },
      ...REPLIES.map((reply) => restMapper(reply)),
      { filter: statusFilter('GE', 0), body_format_override: jsonFormat(13, 'INTERNAL', undefined, false) },
    ],
  };
}

function headerFilter(header: Message): Message {
  return { header_filter: { header } };
}

function statusFilter(op: 'EQ' | 'GE', status: number): Message {
  return { status_code_filter: { comparison: { op, value: { default_value: status, runtime_key: `local_reply.${status}` } } } };
}

function appliesTo(reply: Reply): Message[] {
  const status = statusFilter('EQ', reply.status);
  return reply.flags ? [status, { response_flag_filter: { flags: reply.flags } }] : [status];
}

function grpcMapper(isGrpc: Message, reply: Reply): Message {
  const details = Status.encode({
    code: reply.code,
    message: reply.text ?? reply.reason,
    details: [
      {
        typeUrl: 'type.googleapis.com/google.rpc.ErrorInfo',
        value: Buffer.from(ErrorInfo.encode({ reason: reply.reason, domain: DOMAIN, metadata: {} }).finish()),
      },
      {
        typeUrl: 'type.googleapis.com/google.rpc.RetryInfo',
        value: Buffer.from(RetryInfo.encode({ retryDelay: { seconds: RETRY_AFTER_SECONDS, nanos: 0 } }).finish()),
      },
    ],
  }).finish();
  // gRPC writes binary headers in base64 without padding.
  const encoded = Buffer.from(details).toString('base64').replaceAll('=', '');
  return {
    filter: { and_filter: { filters: [isGrpc, ...appliesTo(reply)] } },
    headers_to_add: [header('grpc-status-details-bin', encoded), header('retry-after', String(RETRY_AFTER_SECONDS))],
    // The body of the answer to a gRPC call is its grpc-message.
    body_format_override: textFormat(reply.text ?? '%LOCAL_REPLY_BODY%'),
  };
}

function restMapper(reply: Reply): Message {
  const again = reply.code === UNAVAILABLE;
  const filters = appliesTo(reply);
  const [only] = filters;
  return message({
    filter: filters.length === 1 && only ? only : { and_filter: { filters } },
    headers_to_add: again ? [header('retry-after', String(RETRY_AFTER_SECONDS))] : undefined,
    body_format_override: jsonFormat(reply.code, reply.reason, reply.text, again),
  });
}

function textFormat(text: string): Message {
  return { text_format_source: { inline_string: text } };
}

function jsonFormat(code: number, reason: string, text: string | undefined, again: boolean): Message {
  const info: Message = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: DOMAIN };
  const retry: Message = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${RETRY_AFTER_SECONDS}s` };
  return {
    content_type: 'application/json',
    json_format: { code, message: text ?? '%LOCAL_REPLY_BODY%', details: again ? [info, retry] : [info] },
  };
}

function header(key: string, value: string): Message {
  return { header: { key, value }, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' };
}
