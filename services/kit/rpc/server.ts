import {
  Metadata,
  type Server,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type StatusObject,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import type { Logger } from '../runtime/log.ts';
import { inCallSpan, SpanKind, type TraceContext } from '../runtime/telemetry.ts';
import { orAborted } from '../runtime/waiting.ts';
import { type CallContext, DEADLINE_PASSED, type ServerCall, ServerCallContext } from './call.ts';
import { releaseAnswered } from './ended-calls.ts';
import { type RpcError, toRpcError } from './errors.ts';
import { boundedMessage, encodeDetails, STATUS_DETAILS } from './status-details.ts';

export type { CallContext } from './call.ts';

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

/** Answers one request with one message. */
export type UnaryHandler<M> = (request: Req<M>, context: CallContext) => Promise<Res<M>>;

/** Answers one request with a stream of messages. HTTP/2 flow control of the caller slows it down. */
export type StreamHandler<M> = (request: Req<M>, context: CallContext) => AsyncIterable<Res<M>>;

/** The methods of a service. A handler that throws answers with `toRpcError` of what it throws. */
export type Handlers<D> = {
  readonly [M in keyof D]: D[M] extends { readonly responseStream: true } ? StreamHandler<D[M]> : UnaryHandler<D[M]>;
};

/** Decodes the requests of a method. */
export interface RequestDecoder {
  /** Returns the request message, or a promise of it. Throws or rejects with INVALID_ARGUMENT if the bytes are not a valid one. */
  (bytes: Buffer): unknown;
  /** Returns the acting user of a decoded request. Absent if no field of the request names one. */
  readonly actingUser?: ((request: unknown) => string) | undefined;
}

/** The environment of a service. */
export interface ServiceOptions {
  readonly log: Logger;
  /** Returns the decoder of a method. Called once per method. */
  readonly decoders: (method: Method) => RequestDecoder;
  /** Aborted when the server begins to stop: streams end then, with UNAVAILABLE, so that their callers go on elsewhere. */
  readonly stop: AbortSignal;
  /** Whether calls get a span; default true. */
  readonly spans?: boolean;
}

/**
 * Adds a service to a server. Requests are validated by the rules of their proto before the handler runs. Errors carry a google.rpc.Status.
 * Unless a stream has begun, they are Trailers-Only: Envoy reads the status for retries and ejections from the first headers only.
 */
export function addService<D extends Definition>(server: Server, definition: D, handlers: Handlers<D>, options: ServiceOptions): void {
  const methods: Record<string, ServiceDefinition[string]> = {};
  const implementation: UntypedServiceImplementation = {};
  for (const [name, method] of Object.entries(definition)) {
    if (method.requestStream) throw new Error(`${method.path} streams requests, which the service kit does not support`);
    const handler = Object.entries(handlers).find(([key]) => key === name)?.[1];
    if (handler === undefined) throw new Error(`${method.path} has no handler`);
    // Messages stay bytes inside grpc-js, which would answer INTERNAL to a request that cannot be decoded.
    const same = (bytes: Buffer) => bytes;
    methods[name] = {
      path: method.path,
      requestStream: false,
      responseStream: method.responseStream,
      requestSerialize: same,
      requestDeserialize: same,
      responseSerialize: same,
      responseDeserialize: same,
    };
    const run = runner(method, options);
    // The entry of Handlers<D> under this name takes and gives this method's messages; Object.entries cannot say so.
    implementation[name] = method.responseStream
      ? streaming(run, handler as StreamHandler<never>)
      : unary(run, handler as UnaryHandler<never>);
  }
  server.addService(methods, implementation);
}

/**
 * Returns the status of an error with google.rpc.Status and, if a repetition may succeed, retry-after in whole seconds.
 *
 * A passed deadline has no details, as where grpc-js itself notices it: whether the caller or the mesh has set it, the edge
 * knows and tells (envoy/edge/completion.ts).
 */
export function toStatus(error: RpcError): StatusObject {
  const metadata = new Metadata();
  if (error.reason === DEADLINE_PASSED) return { code: error.code, details: error.message, metadata };
  metadata.set(STATUS_DETAILS, encodeDetails(error.code, error.message, error));
  // For the access log of the edge, which removes it.
  metadata.set('error-reason', error.reason);
  if (error.retryAfterSeconds !== undefined) metadata.set('retry-after', String(Math.max(1, Math.ceil(error.retryAfterSeconds))));
  return { code: error.code, details: boundedMessage(error.message), metadata };
}

/** Runs a call in its span, with its checked request. Rejects with the status to answer. */
type Runner = <T>(
  call: ServerCall & { readonly request: Buffer },
  work: (request: never, context: ServerCallContext, encode: (message: unknown) => Buffer) => Promise<T>,
) => Promise<T>;

function runner(method: Method, { decoders, log, stop, spans = true }: ServiceOptions): Runner {
  const rpc = method.path.slice(1);
  const attributes = { 'rpc.system.name': 'grpc', 'rpc.method': rpc };
  const decode = decoders(method);
  // Handlers<D> ties what a handler gives to this method's message.
  const encode = (message: unknown) => method.responseSerialize(message as never);
  return async (call, work) => {
    const handle = async () => {
      const context = new ServerCallContext(call, method.responseStream ? stop : undefined);
      try {
        context.throwIfOver();
        const request = decode(call.request);
        const message = request instanceof Promise ? await request : request;
        context.actingUser = decode.actingUser?.(message);
        // The decoder of a method returns its request message.
        return await work(message as never, context, encode);
      } finally {
        context.end();
      }
    };
    try {
      if (!spans) return await handle();
      const parent = traceOf(call.metadata);
      return await inCallSpan(rpc, { kind: SpanKind.SERVER, attributes, parent }, handle);
    } catch (error) {
      const rpcError = toRpcError(error);
      if (rpcError.code === status.INTERNAL) log.error({ err: rpcError.cause ?? rpcError, method: method.path }, 'call failed');
      else log.debug({ method: method.path, code: status[rpcError.code], reason: rpcError.reason }, rpcError.message);
      throw toStatus(rpcError);
    }
  };
}

function unary(run: Runner, handler: UnaryHandler<never>) {
  return (call: ServerUnaryCall<Buffer, Buffer>, callback: (error: Partial<StatusObject> | null, bytes?: Buffer) => void): void => {
    run(call, async (request, context, encode) => {
      const bytes = encode(await handler(request, context));
      sendHeaders(call, context);
      return bytes;
    })
      .then(
        (bytes) => callback(null, bytes),
        (error: StatusObject) => callback(error),
      )
      .finally(() => releaseAnswered(call));
  };
}

function streaming(run: Runner, handler: StreamHandler<never>) {
  return (call: ServerWritableStream<Buffer, Buffer>): void => {
    run(call, async (request, context, encode) => {
      const messages = handler(request, context)[Symbol.asyncIterator]();
      try {
        for (let sent = 0; ; sent++) {
          const next = await orAborted(messages.next(), context.signal);
          if (next.done) return;
          if (sent === 0) sendHeaders(call, context);
          await orAborted(written(call, encode(next.value)), context.signal);
        }
      } finally {
        // The caller does not wait for the finally blocks of the handler.
        messages.return?.().catch(() => undefined);
      }
    }).then(
      () => call.end(),
      // grpc-js takes the status of a failed stream from this event.
      (error: StatusObject) => call.emit('error', error),
    );
  };
}

/** Sends a message; resolves when HTTP/2 flow control has let it go, so that a slow caller slows the handler down. */
function written(call: ServerWritableStream<Buffer, Buffer>, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    call.write(bytes, (error: Error | null | undefined) => (error ? reject(error) : resolve()));
  });
}

/** Sends the headers that the handler has set, if any. */
function sendHeaders(call: { sendMetadata(headers: Metadata): void }, { answerHeaders }: ServerCallContext): void {
  if (answerHeaders !== undefined) call.sendMetadata(answerHeaders);
}

function traceOf(metadata: Metadata): TraceContext {
  const [traceparent] = metadata.get('traceparent');
  if (traceparent === undefined) return {};
  const tracestate = metadata.get('tracestate').join(',');
  return tracestate === '' ? { traceparent: String(traceparent) } : { traceparent: String(traceparent), tracestate };
}
