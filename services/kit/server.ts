import {
  Metadata,
  type Server,
  type ServerUnaryCall,
  type ServiceDefinition,
  type StatusObject,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { invalidArgument, RpcError, toRpcError } from './errors.ts';
import type { Logger } from './log.ts';
import { boundedMessage, encodeDetails, STATUS_DETAILS } from './status-details.ts';
import { contextOf, inSpan, SpanKind } from './telemetry.ts';
import type { RequestCheck, RequestChecks } from './validation.ts';

export type { Client } from './client.ts';

/** One method of a service as ts-proto defines it for grpc-js. The `never`s accept every message type. */
export interface Method {
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly requestSerialize: (message: never) => Buffer;
  readonly requestDeserialize: (bytes: Buffer) => unknown;
  readonly responseSerialize: (message: never) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => unknown;
}

/** A service as ts-proto defines it for grpc-js: `typeof CarServiceService`. */
export type Definition = Readonly<Record<string, Method>>;

/** The request message of a method. */
export type Req<M> = M extends { readonly requestDeserialize: (bytes: Buffer) => infer Message } ? Message : never;

/** The response message of a method. */
export type Res<M> = M extends { readonly responseDeserialize: (bytes: Buffer) => infer Message } ? Message : never;

/** What a handler knows of its call besides the request. */
export interface CallContext {
  /** The request's headers. */
  readonly metadata: Metadata;
  /** Aborted when the caller cancels or its deadline passes, with an RpcError that says which; never after the answer. */
  readonly signal: AbortSignal;
  /** The `idempotency-key` header: under the same key the same request is done once. */
  readonly idempotencyKey: string | undefined;
  /** The call, for what this context does not offer. */
  readonly call: ServerUnaryCall<unknown, unknown>;
}

/** The methods of a service. A handler that throws answers with `toRpcError` of what it throws. */
export type Handlers<D> = { readonly [M in keyof D]: (request: Req<D[M]>, context: CallContext) => Promise<Res<D[M]>> };

type Handler = (request: unknown, context: CallContext) => Promise<unknown>;

/** What `addService` works with. */
export interface ServiceOptions {
  readonly log: Logger;
  readonly checks: RequestChecks;
}

/**
 * Offers a service on a server. Requests are checked against the rules of their proto before the handler runs. Every error is answered as
 * Trailers-Only with a google.rpc.Status: Envoy retries and ejects by a status in the first headers only.
 */
export function addService<D extends Definition>(server: Server, definition: D, handlers: Handlers<D>, options: ServiceOptions): void {
  const methods: Record<string, ServiceDefinition[string]> = {};
  const implementation: UntypedServiceImplementation = {};
  for (const [name, method] of Object.entries(definition)) {
    if (method.requestStream || method.responseStream) throw new Error(`${method.path} streams, which the kit's server does not do`);
    // The entry of Handlers<D> under this name takes this method's message; Object.entries cannot say so.
    const handler = (handlers as Record<string, Handler>)[name];
    if (handler === undefined) throw new Error(`${method.path} has no handler`);
    const run = caller(method, handler, options.checks(method.path));
    // Messages stay bytes inside grpc-js, which would answer INTERNAL to a request that cannot be decoded.
    const same = (bytes: Buffer) => bytes;
    methods[name] = {
      path: method.path,
      requestStream: false,
      responseStream: false,
      requestSerialize: same,
      requestDeserialize: same,
      responseSerialize: same,
      responseDeserialize: same,
    };
    implementation[name] = (
      call: ServerUnaryCall<Buffer, Buffer>,
      callback: (error: Partial<StatusObject> | null, bytes?: Buffer) => void,
    ) => {
      run(call).then(
        (bytes) => callback(null, bytes),
        (error: unknown) => {
          const rpcError = toRpcError(error);
          if (rpcError.code === status.INTERNAL) options.log.error({ err: rpcError.cause ?? rpcError, method: method.path }, 'call failed');
          else options.log.debug({ method: method.path, code: status[rpcError.code], reason: rpcError.reason }, rpcError.message);
          callback(toStatus(rpcError));
        },
      );
    };
  }
  server.addService(methods, implementation);
}

/** An error as it is sent: status, google.rpc.Status and, where a repetition may succeed, retry-after in whole seconds. */
export function toStatus(error: RpcError): StatusObject {
  const metadata = new Metadata();
  metadata.set(STATUS_DETAILS, encodeDetails(error.code, error.message, error));
  if (error.retryAfterSeconds !== undefined) metadata.set('retry-after', String(Math.max(1, Math.ceil(error.retryAfterSeconds))));
  return { code: error.code, details: boundedMessage(error.message), metadata };
}

function caller(method: Method, handler: Handler, check: RequestCheck): (call: ServerUnaryCall<Buffer, Buffer>) => Promise<Buffer> {
  const [, service = '', name = ''] = method.path.split('/');
  const attributes = { 'rpc.system.name': 'grpc', 'rpc.method': `${service}/${name}` };
  return async (call) => {
    const parent = contextOf(call.metadata, METADATA_GETTER);
    return await inSpan(`${service}/${name}`, { kind: SpanKind.SERVER, attributes, parent }, async (span) => {
      const { signal, end } = cancellation(call);
      try {
        signal.throwIfAborted();
        check(call.request);
        const context = { metadata: call.metadata, signal, idempotencyKey: idempotencyKey(call.metadata), call };
        const response = await handler(method.requestDeserialize(call.request), context);
        span.setAttribute('rpc.response.status_code', 'OK');
        // Handlers<D> ties the handler's response to this method's message.
        return method.responseSerialize(response as never);
      } catch (error) {
        const rpcError = toRpcError(error);
        span.setAttribute('rpc.response.status_code', status[rpcError.code]);
        throw rpcError;
      } finally {
        end();
      }
    });
  };
}

/** The context of a call that the kit answers itself. */
export function contextOfCall(call: ServerUnaryCall<unknown, unknown>): CallContext {
  return { metadata: call.metadata, signal: cancellation(call).signal, idempotencyKey: undefined, call };
}

/** A signal that follows the call until `end`: grpc-js reports the end of every call as a cancellation too. */
function cancellation(call: ServerUnaryCall<unknown, unknown>): { signal: AbortSignal; end: () => void } {
  const controller = new AbortController();
  const expired = () => Number(call.getDeadline()) <= Date.now();
  const cancelled = () => {
    controller.abort(
      expired()
        ? new RpcError(status.DEADLINE_EXCEEDED, 'DEADLINE_EXCEEDED', 'the deadline of the call has passed')
        : new RpcError(status.CANCELLED, 'CANCELLED', 'the caller has cancelled the call'),
    );
  };
  if (call.cancelled || expired()) cancelled();
  call.once('cancelled', cancelled);
  return { signal: controller.signal, end: () => call.off('cancelled', cancelled) };
}

function idempotencyKey(metadata: Metadata): string | undefined {
  const [value] = metadata.get('idempotency-key');
  if (value === undefined) return undefined;
  if (!/^[\x21-\x7e]{1,200}$/.test(String(value))) throw invalidArgument('idempotency-key', 'must be 1 to 200 visible ASCII characters');
  return String(value);
}

const METADATA_GETTER = {
  get: (metadata: Metadata, key: string) => metadata.get(key).map(String),
  keys: (metadata: Metadata) => Object.keys(metadata.getMap()),
};
