import type { EventEmitter } from 'node:events';
import { Metadata, type ServerUnaryCall, type ServerWritableStream, status } from '@grpc/grpc-js';
import { invalidArgument, RpcError, unavailable } from './errors.ts';

/** A call as grpc-js gives it to a handler: one request, and one answer or a stream of them. */
export type ServerCall = ServerUnaryCall<unknown, unknown> | ServerWritableStream<unknown, unknown>;

/** What a handler knows of its call besides the request. */
export interface CallContext {
  /** The request's headers. */
  readonly metadata: Metadata;
  /**
   * Aborted when the caller cancels or its deadline passes, and for a stream also when the server stops, with an RpcError that says which;
   * never after the answer.
   */
  readonly signal: AbortSignal;
  /** The `idempotency-key` header: under the same key the same request is done once. */
  readonly idempotencyKey: string | undefined;
  /** Headers of the answer, to be set before it or its first message. An error is answered without them: it has to be Trailers-Only. */
  readonly headers: Metadata;
  /** The call, for what this context does not offer. */
  readonly call: ServerCall;
}

/** Tells the version of what is answered, by which a caller sees whether it has changed (RFC 9110, ETag). */
export function setEtag({ headers }: CallContext, version: number | string): void {
  headers.set('etag', `"${version}"`);
}

/** A signal that follows a call, until `end`. */
export interface Following {
  readonly signal: AbortSignal;
  end(): void;
}

/**
 * Follows a call: its cancellation, its deadline, and the server's stop if there is a signal of it. To be ended with the call, since grpc-js
 * reports the end of every call as a cancellation too.
 */
export function follow(call: ServerCall, stop?: AbortSignal): Following {
  const controller = new AbortController();
  const events: EventEmitter = call;
  const expired = () => Number(call.getDeadline()) <= Date.now();
  const cancelled = () => {
    controller.abort(
      expired()
        ? new RpcError(status.DEADLINE_EXCEEDED, 'DEADLINE_EXCEEDED', 'the deadline of the call has passed')
        : new RpcError(status.CANCELLED, 'CANCELLED', 'the caller has cancelled the call'),
    );
  };
  const stopped = () => controller.abort(unavailable('STOPPING', 'the service stops; call again to go on at another replica'));
  if (call.cancelled || expired()) cancelled();
  if (stop?.aborted) stopped();
  events.once('cancelled', cancelled);
  stop?.addEventListener('abort', stopped, { once: true });
  return {
    signal: controller.signal,
    end: () => {
      events.off('cancelled', cancelled);
      stop?.removeEventListener('abort', stopped);
    },
  };
}

/** What a handler is given of a call. @throws RpcError if the idempotency key is none */
export function contextOf(call: ServerCall, signal: AbortSignal): CallContext {
  return { metadata: call.metadata, signal, idempotencyKey: idempotencyKey(call.metadata), headers: new Metadata(), call };
}

/** The context of a call that the kit answers itself. */
export function contextOfCall(call: ServerCall): CallContext {
  return { metadata: call.metadata, signal: follow(call).signal, idempotencyKey: undefined, headers: new Metadata(), call };
}

function idempotencyKey(metadata: Metadata): string | undefined {
  const [value] = metadata.get('idempotency-key');
  if (value === undefined) return undefined;
  if (!/^[\x21-\x7e]{1,200}$/.test(String(value))) throw invalidArgument('idempotency-key', 'must be 1 to 200 visible ASCII characters');
  return String(value);
}
