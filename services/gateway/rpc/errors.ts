import { fromBinary, type JsonValue, type Registry, toJson } from '@bufbuild/protobuf';
import { Code, ConnectError } from '@connectrpc/connect';
import { codeFromHttpStatus, findTrailerError } from '@connectrpc/connect/protocol-grpc';
import { status } from '@grpc/grpc-js';
import { RpcError, toRpcError, unavailable } from '#kit/rpc/errors.ts';
import { toStatus } from '#kit/rpc/server.ts';
import { type Fields, webHeaders, withoutPadding } from './metadata.ts';

/** A gRPC status as trailers: `grpc-status`, `grpc-message`, `grpc-status-details-bin`, and metadata. */
export type Trailers = Fields;

/** Encodes an error of the gateway as trailers. */
export function trailersOf(error: RpcError): Trailers {
  const { code, details, metadata } = toStatus(error);
  const trailers: Trailers = { 'grpc-status': String(code), 'grpc-message': encodeURIComponent(details) };
  for (const [name, value] of Object.entries(metadata.getMap()))
    trailers[name] = Buffer.isBuffer(value) ? withoutPadding(value.toString('base64')) : value;
  return trailers;
}

/** Parses the error in trailers. Undefined for OK. `registry`: types for the readable form of details. */
export function errorIn(trailers: Trailers, registry: Registry | undefined): ConnectError | undefined {
  const error = readError(trailers);
  if (error !== undefined && registry !== undefined)
    error.details = error.details.map((detail) => ({ ...detail, ...readable(detail, registry) }));
  return error;
}

/** Parses the status in trailers. */
export function outcomeOf(trailers: Trailers): { readonly code: status; readonly message: string } {
  const error = trailers['grpc-status'] === '0' ? undefined : readError(trailers);
  if (error === undefined) return { code: status.OK, message: '' };
  const code: number = error.code;
  return { code, message: error.rawMessage };
}

function readError(trailers: Trailers): ConnectError | undefined {
  try {
    return findTrailerError(webHeaders(trailers));
  } catch {
    // Keep the status even if message or details are malformed.
    const code = Number(trailers['grpc-status']);
    return new ConnectError('', code in Code ? code : Code.Unknown);
  }
}

function readable(detail: ConnectError['details'][number], registry: Registry): { debug?: JsonValue } {
  if ('desc' in detail) return {};
  const schema = registry.getMessage(detail.type);
  if (schema === undefined) return {};
  try {
    return { debug: toJson(schema, fromBinary(schema, detail.value), { registry }) };
  } catch {
    // The readable form is optional.
    return {};
  }
}

/** Maps the HTTP status of a response that is not gRPC, as the gRPC specification does. */
export function fromHttpStatus(httpStatus: number): RpcError {
  const code: number = codeFromHttpStatus(httpStatus);
  if (code === status.UNAVAILABLE) return unavailable('UPSTREAM_UNAVAILABLE', `the service cannot be reached (HTTP status ${httpStatus})`);
  return new RpcError(code, 'UPSTREAM_ANSWER', `the service did not answer with gRPC (HTTP status ${httpStatus})`);
}

/** Converts any error to RpcError. */
export function toGatewayError(error: unknown): RpcError {
  if (!(error instanceof ConnectError)) return toRpcError(error);
  // connect-es throws these for malformed requests.
  const code: number = error.code;
  const reason = REASONS.get(error.code) ?? 'MALFORMED_REQUEST';
  return new RpcError(code, reason, error.rawMessage, { cause: error });
}

const REASONS = new Map<Code, string>([
  [Code.ResourceExhausted, 'REQUEST_TOO_LARGE'],
  [Code.Internal, 'INTERNAL'],
]);
