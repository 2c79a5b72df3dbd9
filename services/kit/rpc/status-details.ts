import { BadRequest, ErrorInfo, RetryInfo } from '#proto/google/rpc/error_details.ts';
import { Status } from '#proto/google/rpc/status.ts';

/** The metadata key under which gRPC carries a google.rpc.Status. */
export const STATUS_DETAILS = 'grpc-status-details-bin';

/** The domain of errors that belong to no system: those of the edge, the gateway, the sidecars and the observer. */
const PLATFORM_DOMAIN = 'rentmesh';

/** The systems of the platform's services. */
const PLATFORM: ReadonlySet<string> = new Set(['edge', 'rentmesh']);

let domain = PLATFORM_DOMAIN;

/** Sets the domain of the errors of this process by the system of its service: `<system>.rentmesh`. Reasons are unique within a domain. */
export function setErrorDomain(system: string): void {
  domain = PLATFORM.has(system) ? PLATFORM_DOMAIN : `${system}.${PLATFORM_DOMAIN}`;
}

const TYPE_URL = 'type.googleapis.com/';

/** An invalid field of a request, by its JSON path (`items[2].carId`). */
export interface FieldViolation {
  readonly field: string;
  readonly description: string;
}

/** The details of a google.rpc.Status. */
export interface ErrorDetails {
  readonly reason: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly fieldViolations: readonly FieldViolation[];
  readonly retryAfterSeconds: number | undefined;
}

/*
 * All headers of an answer together must stay below Envoy's limit of 60 KiB, also after base64 (4/3) and the percent-encoding of
 * grpc-message (up to 3). With these limits the worst case is about 32 KiB.
 */
const MAX_MESSAGE = 1000;
const MAX_TEXT = 200;
const MAX_ENTRIES = 20;

/** Returns the message of an error, cut to its limit, without the lone surrogates that grpc-js cannot encode. */
export function boundedMessage(message: string): string {
  return clip(message, MAX_MESSAGE);
}

/** Encodes a google.rpc.Status: ErrorInfo always, BadRequest and RetryInfo if they apply. Long texts are cut. */
export function encodeDetails(code: number, message: string, error: ErrorDetails): Buffer {
  const metadata = Object.entries(error.metadata).slice(0, MAX_ENTRIES);
  const details = [
    any(ErrorInfo, {
      reason: clip(error.reason, MAX_TEXT),
      domain,
      metadata: Object.fromEntries(metadata.map(([key, value]) => [clip(key, MAX_TEXT), clip(value, MAX_TEXT)])),
    }),
  ];
  if (error.fieldViolations.length > 0) {
    const fieldViolations = error.fieldViolations.slice(0, MAX_ENTRIES).map(({ field, description }) => ({
      field: clip(field, MAX_TEXT),
      description: clip(description, MAX_TEXT),
      reason: '',
      localizedMessage: undefined,
    }));
    details.push(any(BadRequest, { fieldViolations }));
  }
  if (error.retryAfterSeconds !== undefined) {
    const seconds = Math.floor(error.retryAfterSeconds);
    const nanos = Math.round((error.retryAfterSeconds - seconds) * 1e9);
    details.push(any(RetryInfo, { retryDelay: { seconds, nanos } }));
  }
  return Buffer.from(Status.encode({ code, message: boundedMessage(message), details }).finish());
}

/** Decodes a peer's google.rpc.Status. Undefined if there is none with a readable ErrorInfo. */
export function decodeDetails(bytes: Uint8Array | undefined): ErrorDetails | undefined {
  if (bytes === undefined) return undefined;
  try {
    const { details } = Status.decode(bytes);
    const find = <T>(type: MessageType<T>): T | undefined => {
      const found = details.find(({ typeUrl }) => typeUrl === TYPE_URL + type.$type);
      return found && type.decode(found.value);
    };
    const info = find(ErrorInfo);
    if (info === undefined) return undefined;
    const delay = find(RetryInfo)?.retryDelay;
    return {
      reason: info.reason,
      metadata: info.metadata,
      fieldViolations: find(BadRequest)?.fieldViolations ?? [],
      retryAfterSeconds: delay && delay.seconds + delay.nanos / 1e9,
    };
  } catch {
    // Unreadable details must not hide the status.
    return undefined;
  }
}

interface MessageType<T> {
  readonly $type: string;
  encode(message: T): { finish(): Uint8Array };
  decode(bytes: Uint8Array): T;
}

function any<T>(type: MessageType<T>, message: T) {
  return { typeUrl: TYPE_URL + type.$type, value: Buffer.from(type.encode(message).finish()) };
}

/** Cuts a text to a number of UTF-8 bytes. */
function clip(text: string, bytes: number): string {
  const whole = text.toWellFormed();
  if (Buffer.byteLength(whole) <= bytes) return whole;
  const { read } = new TextEncoder().encodeInto(whole, new Uint8Array(bytes - 3));
  return `${whole.slice(0, read)}…`;
}
