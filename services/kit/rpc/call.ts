import type { EventEmitter } from 'node:events';
import { Metadata, type ServerUnaryCall, type ServerWritableStream, status } from '@grpc/grpc-js';
import { RpcError, unavailable } from './errors.ts';
import { idempotencyKeyOf } from './metadata.ts';

/** A call as grpc-js gives it to a handler: one request, and one response or a stream of responses. */
export type ServerCall = ServerUnaryCall<unknown, unknown> | ServerWritableStream<unknown, unknown>;

/** The call that a handler answers, without its request. */
export interface CallContext {
  /** The request's headers. */
  readonly metadata: Metadata;
  /**
   * Aborted with an RpcError when the caller cancels, when the deadline passes, and, for a stream, when
   * the server stops. Never aborted after the answer. Created when it is first read.
   */
  readonly signal: AbortSignal;
  /** The `idempotency-key` header: under the same key the same request is done once. */
  readonly idempotencyKey: string | undefined;
  /**
   * The user on whose behalf the call is made: the request field with the option `acting_user`. Undefined if the request has no
   * such field. Not authenticated.
   */
  readonly actingUser: string | undefined;
  /**
   * Headers of the answer. Set them before the answer or its first message. An error is sent without
   * them, because it has to be Trailers-Only.
   */
  readonly headers: Metadata;
  /** The grpc-js call, for what this context does not offer. */
  readonly call: ServerCall;
}

/** Sets the version of the answered resource, by which a caller detects a change (RFC 9110, ETag). */
export function setEtag({ headers }: CallContext, version: number | string): void {
  headers.set('etag', `"${version}"`);
}

/** The reason of a call whose deadline has passed, also where a peer reports it without details. */
export const DEADLINE_PASSED = 'DEADLINE_EXCEEDED';

/** Returns why a call needs no answer any more: cancelled or past its deadline. Else undefined. */
export function endOf(call: ServerCall): RpcError | undefined {
  if (Number(call.getDeadline()) <= Date.now()) {
    return new RpcError(status.DEADLINE_EXCEEDED, DEADLINE_PASSED, 'the deadline of the call has passed');
  }
  return call.cancelled ? callCancelled() : undefined;
}

/** The context of a call on this server. Creates the signal and the headers only when they are read. */
export class ServerCallContext implements CallContext {
  readonly call: ServerCall;
  readonly idempotencyKey: string | undefined;
  /** Set when the request is decoded. */
  actingUser: string | undefined;
  readonly #stop: AbortSignal | undefined;
  readonly #stopFollowing: (() => void)[] = [];
  #controller: AbortController | undefined;
  #headers: Metadata | undefined;
  #isOver = false;

  /**
   * `stop`: ends the call when it is aborted.
   *
   * @throws RpcError if the idempotency key is invalid
   */
  constructor(call: ServerCall, stop?: AbortSignal) {
    this.call = call;
    this.idempotencyKey = idempotencyKeyOf(call.metadata);
    this.#stop = stop;
  }

  get metadata(): Metadata {
    return this.call.metadata;
  }

  get headers(): Metadata {
    this.#headers ??= new Metadata();
    return this.#headers;
  }

  /** The headers of the answer, if the handler has read them. */
  get answerHeaders(): Metadata | undefined {
    return this.#headers;
  }

  get signal(): AbortSignal {
    this.#controller ??= this.#isOver ? new AbortController() : this.#follow();
    return this.#controller.signal;
  }

  /** Throws the reason if the call is cancelled, expired or stopped, so that its handler need not run. */
  throwIfOver(): void {
    const end = endOf(this.call) ?? (this.#stop?.aborted ? stopping() : undefined);
    if (end !== undefined) throw end;
  }

  /** Ends the signal with the call: grpc-js reports the end of every call as a cancellation too. */
  end(): void {
    this.#isOver = true;
    for (const stopFollowing of this.#stopFollowing) stopFollowing();
  }

  #follow(): AbortController {
    const controller = new AbortController();
    const events: EventEmitter = this.call;
    // The event can come a moment before the clock reaches the deadline: then it is a cancellation.
    const cancelled = () => controller.abort(endOf(this.call) ?? callCancelled());
    const stopped = () => controller.abort(stopping());
    if (endOf(this.call) !== undefined) cancelled();
    if (this.#stop?.aborted) stopped();
    events.once('cancelled', cancelled);
    this.#stop?.addEventListener('abort', stopped, { once: true });
    this.#stopFollowing.push(() => {
      events.off('cancelled', cancelled);
      this.#stop?.removeEventListener('abort', stopped);
    });
    return controller;
  }
}

function callCancelled(): RpcError {
  return new RpcError(status.CANCELLED, 'CANCELLED', 'the caller has cancelled the call');
}

function stopping(): RpcError {
  return unavailable('STOPPING', 'the service stops; call again to go on at another replica');
}
