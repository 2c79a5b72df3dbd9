import { ErrorInfo, RetryInfo } from '#proto/google/rpc/error_details.ts';
import { Status } from '#proto/google/rpc/status.ts';
import { type Message, message } from '../json.ts';

/** Repeats the reason of an error for the access log of the edge, which removes the header; services send it as well. */
export const REASON_HEADER = 'error-reason';

/** After how long a caller may try again when Envoy itself says that a service cannot be reached, in seconds. */
export const RETRY_AFTER_SECONDS = 1;
const DOMAIN = 'rentmesh';
const UNAVAILABLE = 14;
/** What Envoy would say, where nothing else is said. */
const ENVOYS_OWN = '%LOCAL_REPLY_BODY%';

/** An error that Envoy tells itself. */
export interface ReplyError {
  /** google.rpc.Code. */
  readonly code: number;
  /** google.rpc.ErrorInfo.reason; without it there are no details. */
  readonly reason?: string | undefined;
  /** What Envoy says itself, if it is left out. */
  readonly text?: string;
  /** Whether the error goes away by waiting, although its code does not say so. */
  readonly isTransient?: boolean;
  /** google.rpc.ErrorInfo.metadata. */
  readonly metadata?: Record<string, string>;
}

/** What a mapper of local_reply_config makes of an answer: all of it but the filter. */
export type ReplyForm = (error: ReplyError) => Message;

/** Whether a caller may try again. */
export function mayTryAgain({ code, isTransient }: ReplyError): boolean {
  return code === UNAVAILABLE || isTransient === true;
}

/** The trailers of a gRPC call, in the one HEADERS frame that Envoy answers with. */
export const grpcForm: ReplyForm = (error) => ({
  headers_to_add: [
    header('grpc-status', String(error.code)),
    ...Object.entries(detailsField(error)).map(([key, value]) => header(key, value)),
    ...retryAfter(error),
    ...reasonHeader(error),
  ],
  // The body of the answer to a gRPC call is its grpc-message.
  body_format_override: textFormat(error.text ?? ENVOYS_OWN),
});

/**
 * The trailers of a gRPC-Web call, as the only frame of its body: Envoy takes the content type from an answer without a body, and clients read
 * no status without one, nor one of another content type than that of their request.
 */
export function grpcWebForm(contentType: string): ReplyForm {
  return (error) => {
    // gRPC writes a message percent-encoded.
    const fields = {
      'grpc-status': error.code,
      'grpc-message': encodeURIComponent(sentence(error)),
      ...detailsField(error),
    };
    const trailers = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
    return {
      status_code: 200,
      headers_to_add: [...retryAfter(error), ...reasonHeader(error)],
      body_format_override: frame(GRPC_WEB_TRAILERS, trailers.join(''), contentType),
    };
  };
}

/** The JSON of a Connect error, with the HTTP status that Envoy gives. */
export const connectForm: ReplyForm = (error) => ({
  headers_to_add: [...retryAfter(error), ...reasonHeader(error)],
  body_format_override: { content_type: 'application/json', json_format: connectError(error) },
});

/** The last message of a Connect stream, which is the whole answer: a byte that says so, four of length, JSON. */
export function connectStreamForm(contentType: string): ReplyForm {
  return (error) => ({
    status_code: 200,
    headers_to_add: [...retryAfter(error), ...reasonHeader(error)],
    body_format_override: frame(
      END_OF_STREAM,
      JSON.stringify({ error: { ...connectError(error), message: sentence(error) } }),
      contentType,
    ),
  });
}

const END_OF_STREAM = 2;
const GRPC_WEB_TRAILERS = 0x80;

/** A body of one frame: a byte that says what it is, four of length, text. A percent sign in a body's format is Envoy's own. */
function frame(kind: number, text: string, contentType: string): Message {
  const head = Buffer.alloc(5);
  head.writeUInt8(kind, 0);
  head.writeUInt32BE(Buffer.byteLength(text), 1);
  const body = Buffer.concat([head, Buffer.from(text.replaceAll('%', '%%'))]);
  return { content_type: contentType, text_format_source: { inline_bytes: body.toString('base64') } };
}

/** google.rpc.Status as JSON, with the HTTP status that Envoy gives. */
export const restForm: ReplyForm = (error) => {
  const retry: Message = { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${RETRY_AFTER_SECONDS}s` };
  const details = [...(error.reason === undefined ? [] : [errorInfo(error.reason)]), ...(mayTryAgain(error) ? [retry] : [])];
  return message({
    headers_to_add: [...retryAfter(error), ...reasonHeader(error)],
    body_format_override: statusFormat(error.code, error.text ?? ENVOYS_OWN, details),
  });
};

/** A body that is google.rpc.Status as JSON. */
export function statusFormat(code: number, text: string, details: readonly Message[]): Message {
  return { content_type: 'application/json', json_format: { code, message: text, details } };
}

/** google.rpc.ErrorInfo as JSON. */
export function errorInfo(reason: string): Message {
  return { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: DOMAIN };
}

/** The text of an error where Envoy's own cannot be had. */
function sentence({ text, reason }: ReplyError): string {
  return text ?? reason?.toLowerCase().replaceAll('_', ' ') ?? '';
}

function connectError(error: ReplyError): Message {
  const details = detailsOf(error).map(({ typeUrl, value }) => ({ type: typeUrl.slice(TYPE_URL.length), value: base64(value) }));
  return { code: CONNECT_CODES[error.code] ?? 'unknown', message: error.text ?? ENVOYS_OWN, details };
}

/** Connect's names of google.rpc.Code, by number. */
const CONNECT_CODES = [
  'unknown',
  'canceled',
  'unknown',
  'invalid_argument',
  'deadline_exceeded',
  'not_found',
  'already_exists',
  'permission_denied',
  'resource_exhausted',
  'failed_precondition',
  'aborted',
  'out_of_range',
  'unimplemented',
  'internal',
  'unavailable',
  'data_loss',
  'unauthenticated',
];

const TYPE_URL = 'type.googleapis.com/';

/** The value of `grpc-status-details-bin`: google.rpc.Status in base64. */
export function statusDetails(error: ReplyError): string {
  return base64(Status.encode({ code: error.code, message: sentence(error), details: detailsOf(error) }).finish());
}

/** The field that carries google.rpc.Status, where there is more to tell than code and message. */
function detailsField(error: ReplyError): Record<string, string> {
  return detailsOf(error).length === 0 ? {} : { 'grpc-status-details-bin': statusDetails(error) };
}

function detailsOf(error: ReplyError): { typeUrl: string; value: Buffer }[] {
  const { reason, metadata = {} } = error;
  if (reason === undefined) return [];
  const info = ErrorInfo.encode({ reason, domain: DOMAIN, metadata }).finish();
  const retry = RetryInfo.encode({ retryDelay: { seconds: RETRY_AFTER_SECONDS, nanos: 0 } }).finish();
  return [
    { typeUrl: `${TYPE_URL}google.rpc.ErrorInfo`, value: Buffer.from(info) },
    ...(mayTryAgain(error) ? [{ typeUrl: `${TYPE_URL}google.rpc.RetryInfo`, value: Buffer.from(retry) }] : []),
  ];
}

/** gRPC and Connect write bytes in base64 without padding. */
function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('=', '');
}

function textFormat(text: string): Message {
  return { text_format_source: { inline_string: text } };
}

function retryAfter(error: ReplyError): Message[] {
  return mayTryAgain(error) ? [header('retry-after', String(RETRY_AFTER_SECONDS))] : [];
}

function reasonHeader({ reason }: ReplyError): Message[] {
  return reason === undefined ? [] : [header(REASON_HEADER, reason)];
}

function header(key: string, value: string): Message {
  return { header: { key, value }, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' };
}
