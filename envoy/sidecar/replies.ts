import { ErrorInfo, RetryInfo } from '#proto/google/rpc/error_details.ts';
import { Status } from '#proto/google/rpc/status.ts';
import { any, type Message, message } from '../json.ts';

/** After how long a caller may try again when Envoy itself says that a service cannot be reached, in seconds. */
const RETRY_AFTER_SECONDS = 1;
const DOMAIN = 'rentmesh';
const UNAVAILABLE = 14;
/** The key in google.rpc.ErrorInfo.metadata that tells a service that its call did not leave the pod; services/kit/errors.ts reads it. */
const NEVER_SENT_KEY = 'neverSent';
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

/** What can be tried again. */
const AGAIN = REPLIES.filter(({ code }) => code === UNAVAILABLE);
/** What the sidecar may refuse before it has sent anything: too many calls, or no replica to call. */
const REFUSED_HERE = AGAIN.filter(({ flags }) => flags?.includes('UO') || flags?.includes('UH'));

/** Who the caller is, as far as the form of an answer depends on it. */
export interface ReplyOptions {
  /**
   * Whether the listener's transcoder makes gRPC calls of REST requests. Such a call has gRPC's content type, but its caller wants JSON; it is
   * known by x-envoy-original-path. Behind the transcoder the same header is a remnant without meaning.
   */
  readonly transcodes: boolean;
  /** Whether the listener takes the calls of its own workload, so that it knows of each whether it was ever sent to a peer. */
  readonly outbound?: boolean;
}

/**
 * True for a call that was refused before anything of it was sent: no replica to send it to (ejected, or none there), or more calls than the
 * limit, and no earlier try. Envoy sets its flag for a limit also where the limit on retries ended a call that was sent; its details tell the
 * two apart.
 */
const NEVER_SENT = [
  '(response.code_details == "no_healthy_upstream" && upstream.request_attempt_count == 0)',
  '(response.code_details == "upstream_reset_before_response_started{overflow}" && upstream.request_attempt_count == 1)',
].join(' || ');

/**
 * Makes the answers that Envoy gives itself errors in the sense of google.rpc. A gRPC caller gets `grpc-status-details-bin` (which the
 * transcoder turns into JSON), any other caller a google.rpc.Status as JSON. What can be tried again says so by RetryInfo and `retry-after`.
 */
export function localReplies({ transcodes, outbound = false }: ReplyOptions): Message {
  const contentType = headerFilter({ name: 'content-type', string_match: { prefix: 'application/grpc' } });
  const isGrpc: Message = transcodes
    ? { and_filter: { filters: [contentType, headerFilter({ name: 'x-envoy-original-path', present_match: true, invert_match: true })] } }
    : contentType;
  return {
    mappers: [
      ...(outbound ? REFUSED_HERE.map((reply) => grpcMapper([isGrpc, neverSent()], reply, { [NEVER_SENT_KEY]: 'true' })) : []),
      ...AGAIN.map((reply) => grpcMapper([isGrpc], reply)),
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

function neverSent(): Message {
  const type = 'envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter';
  return { extension_filter: { name: 'envoy.access_loggers.extension_filters.cel', typed_config: any(type, { expression: NEVER_SENT }) } };
}

function grpcMapper(filters: readonly Message[], reply: Reply, metadata: Record<string, string> = {}): Message {
  const details = Status.encode({
    code: reply.code,
    message: reply.text ?? reply.reason,
    details: [
      {
        typeUrl: 'type.googleapis.com/google.rpc.ErrorInfo',
        value: Buffer.from(ErrorInfo.encode({ reason: reply.reason, domain: DOMAIN, metadata }).finish()),
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
    filter: { and_filter: { filters: [...filters, ...appliesTo(reply)] } },
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
