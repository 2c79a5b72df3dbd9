import type { Message } from '../json.ts';
import {
  all,
  CALLED_BY_GRPC,
  CONNECT_JSON_STREAM,
  CONNECT_PROTO_STREAM,
  expression,
  GRPC,
  GRPC_WEB,
  GRPC_WEB_JSON,
  NOT_TRANSCODED,
  RPC_PATH,
  statusFilter,
} from './reply-filters.ts';
import {
  connectForm,
  connectStreamForm,
  grpcForm,
  grpcWebForm,
  mayTryAgain,
  type ReplyError,
  type ReplyForm,
  restForm,
} from './reply-forms.ts';

const UNAVAILABLE = 14;
const UNIMPLEMENTED = 12;
/** The key in google.rpc.ErrorInfo.metadata that tells a service that its call did not leave the pod; services/kit/rpc/errors.ts reads it. */
const NEVER_SENT_METADATA = { neverSent: 'true' };
const NOT_OFFERED = 'no method is offered under this path';

/** An answer that Envoy makes itself, told by Envoy's response flags or, without any, by its HTTP status. */
interface Reply extends ReplyError {
  readonly flags?: readonly string[];
  readonly status: number;
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
  { status: 421, code: 7, reason: 'HOST_NOT_ALLOWED', text: 'this is not a host name of the edge; EDGE_HOSTS names others than localhost' },
  { status: 431, code: 8, reason: 'HEADERS_TOO_LARGE', text: 'the request headers are too large' },
];

/** What can be tried again. */
const AGAIN = REPLIES.filter(mayTryAgain);
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
  /** Mappers that are asked before all others. */
  readonly first?: readonly Message[];
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
 * Makes the answers that Envoy gives itself errors in the sense of google.rpc, each in the form of the caller's protocol: trailers for gRPC, headers
 * for gRPC-Web, JSON for Connect, and google.rpc.Status as JSON for any other, which is REST. What can be tried again says so by RetryInfo and
 * `retry-after`.
 */
export function localReplies({ transcodes, outbound = false, first = [] }: ReplyOptions): Message {
  const isGrpc = transcodes ? CALLED_BY_GRPC : GRPC;
  const isConnect = all(...(transcodes ? [RPC_PATH, NOT_TRANSCODED] : [RPC_PATH]));
  // Behind the edge only what Envoy says of services is told to callers from outside; before it, all.
  const replies = transcodes ? [...REPLIES, OTHER] : AGAIN;
  return {
    mappers: [
      ...first,
      ...FORMS.flatMap(([filter, form]) => replies.map((reply) => mapper([filter], asRpc(reply), form))),
      ...(outbound
        ? REFUSED_HERE.map((reply) => mapper([isGrpc, expression(NEVER_SENT)], { ...reply, metadata: NEVER_SENT_METADATA }, grpcForm))
        : []),
      ...AGAIN.map((reply) => mapper([isGrpc], reply, grpcForm)),
      // Any other answer to a gRPC call stays as Envoy makes it: the status and a message. Of 404 Envoy makes UNIMPLEMENTED.
      {
        filter: all(isGrpc, statusFilter('EQ', 404)),
        body_format_override: { text_format_source: { inline_string: NOT_OFFERED } },
      },
      { filter: isGrpc },
      ...replies.map((reply) => mapper([isConnect], asRpc(reply), connectForm)),
      ...[...REPLIES, OTHER].map((reply) => mapper([], reply, restForm)),
    ],
  };
}

/**
 * Makes one error of Envoy's own, which a filter selects, an error in the form of each protocol. To be given as `first`.
 *
 * @param filter selects the replies, such as by response.code_details
 */
export function repliesInEachForm(filter: Message, error: ReplyError): Message[] {
  return [...FORMS, [CALLED_BY_GRPC, grpcForm] as const, [all(RPC_PATH, NOT_TRANSCODED), connectForm] as const]
    .map(([caller, form]) => ({ filter: all(filter, caller), ...form(error) }))
    .concat({ filter, ...restForm(error) });
}

/** The forms of protocols that have a content type of their own. */
const FORMS: readonly (readonly [Message, ReplyForm])[] = [
  [GRPC_WEB_JSON, grpcWebForm('application/grpc-web+json')],
  [GRPC_WEB, grpcWebForm('application/grpc-web+proto')],
  [CONNECT_JSON_STREAM, connectStreamForm('application/connect+json')],
  [CONNECT_PROTO_STREAM, connectStreamForm('application/connect+proto')],
];

/** Whatever else there is. */
const OTHER: Reply = { status: 0, code: 13, reason: 'INTERNAL' };

/**
 * The reply to a call of a method. For REST a path leads to nothing that is there; for the others it is that of a method, and the code says all:
 * what Envoy itself tells gRPC clients has no details either, and the conformance suite wants none.
 */
function asRpc(reply: Reply): Reply {
  return reply.status === 404 ? { ...reply, code: UNIMPLEMENTED, reason: undefined } : reply;
}

function mapper(filters: readonly Message[], reply: Reply, form: ReplyForm): Message {
  return { filter: all(...filters, ...appliesTo(reply)), ...form(reply) };
}

function appliesTo(reply: Reply): Message[] {
  const status = reply === OTHER ? statusFilter('GE', 0) : statusFilter('EQ', reply.status);
  return reply.flags ? [status, { response_flag_filter: { flags: reply.flags } }] : [status];
}
