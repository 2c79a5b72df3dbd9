import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import { constants } from 'node:http2';
import { status } from '@grpc/grpc-js';
import { RpcError, unavailable } from '#kit/rpc/errors.ts';
import type { Logger } from '#kit/runtime/log.ts';
import { SpanKind, startSpan, tellStatus } from '#kit/runtime/telemetry.ts';
import type { Answer } from './answers.ts';
import { fromHttpStatus, outcomeOf, type Trailers, toGatewayError } from './errors.ts';
import type { Exchange } from './exchange.ts';
import type { Inlet } from './inlets.ts';
import type { Method } from './methods.ts';
import type { Protocol } from './protocols.ts';
import { requestHeaders, traceOf } from './request-headers.ts';
import { forEachChunk, StreamCutOff, write } from './streams.ts';
import { broken, headersOf, type Upstream } from './upstream.ts';

/** The longest time that a timer of Node can wait, in milliseconds. */
const MAX_TIMER = 2 ** 31 - 1;

/**
 * So much earlier than here, in milliseconds, a deadline may pass in a sidecar on a busy machine: Envoy counts from when it last looked at the clock.
 * Of a short deadline it is a quarter at most.
 */
const EARLY_MS = 50;

/** What calls are passed on with. */
export interface CallOptions {
  readonly upstream: Upstream;
  readonly log: Logger;
  /** Puts an error of the gateway's own into trailers. */
  readonly tell: (error: RpcError) => Trailers;
}

/** One call on its way between a client and a service. */
export class Call {
  readonly method: Method;
  readonly #exchange: Exchange;
  readonly #protocol: Protocol;
  readonly #upstream: Upstream;
  readonly #log: Logger;
  readonly #tell: CallOptions['tell'];
  #answer: Answer | undefined;
  #stream: ClientHttp2Stream | undefined;
  /** From when on the deadline may have passed in a sidecar, by performance.now(). */
  #nearlyExpiresAt = Number.POSITIVE_INFINITY;
  /** The status has been told, or there is nobody to tell it to. */
  #isOver = false;
  /** How the call ends: cancelled, if nobody says anything else. */
  #outcome: Pick<RpcError, 'code' | 'message'> = { code: status.CANCELLED, message: 'the client has gone away' };

  constructor(exchange: Exchange, method: Method, protocol: Protocol, { upstream, log, tell }: CallOptions) {
    this.method = method;
    this.#exchange = exchange;
    this.#protocol = protocol;
    this.#upstream = upstream;
    this.#log = log;
    this.#tell = tell;
  }

  /** Passes the call on. Resolves when it is over, however it ended. */
  async run(): Promise<void> {
    const rpc = this.method.path.slice(1);
    const attributes = { 'rpc.system.name': this.#protocol.name, 'rpc.method': rpc };
    const parent = traceOf(this.#exchange.headers);
    // What this process answers itself are questions for its health, every few seconds, and for its contracts: nobody looks for their traces.
    const span = this.method.messages && startSpan(rpc, { kind: SpanKind.SERVER, attributes, parent });
    this.#exchange.onClose((isComplete) => {
      if (!isComplete) this.#leave();
    });
    let timer: NodeJS.Timeout | undefined;
    try {
      const opening = this.#protocol.open();
      this.#answer = this.#protocol.answer(opening.compression.response);
      timer = this.#deadline(opening.timeoutMs);
      // Where the request is one message, it is read and checked first: what is wrong is not sent.
      const request = this.method.clientStreams ? undefined : await this.#read(opening.inlet);
      if (this.#isOver) return;
      const headers = requestHeaders(this.#exchange.headers, opening, span);
      const stream = await this.#upstream.open(this.method.host, this.method.path, headers);
      this.#stream = stream;
      if (this.#isOver) return this.#leave();
      const answered = this.#receive(stream);
      if (request !== undefined) stream.end(request);
      else this.#send(stream, opening.inlet).catch((error: unknown) => this.fail(error));
      await answered;
    } catch (error) {
      this.fail(error);
    } finally {
      clearTimeout(timer);
      if (span !== undefined) {
        tellStatus(span, SpanKind.SERVER, this.#outcome.code, this.#outcome.message);
        span.end();
      }
    }
  }

  /** Ends the call with an error, unless it is over. */
  fail(error: unknown): void {
    // A client that goes away in the middle of its request has nobody to be told; onClose of the exchange does the rest.
    if (this.#isOver || error instanceof StreamCutOff) return;
    // A sidecar that ends a call at its deadline may be heard before the own timer: it resets the stream or says that nobody has answered.
    const rpcError = this.#isExpired() ? expired() : toGatewayError(error);
    this.#leave();
    void this.#tellError(rpcError);
  }

  /** Ends a call that may last for long, so that the client makes it again elsewhere. */
  drain(): void {
    this.fail(unavailable('STOPPING', 'the gateway stops; call again to go on at another replica'));
  }

  #deadline(timeoutMs: number | undefined): NodeJS.Timeout | undefined {
    if (timeoutMs === undefined || timeoutMs > MAX_TIMER) return undefined;
    this.#nearlyExpiresAt = performance.now() + timeoutMs - Math.min(EARLY_MS, timeoutMs / 4);
    return setTimeout(() => this.fail(expired()), timeoutMs);
  }

  #isExpired(): boolean {
    return performance.now() >= this.#nearlyExpiresAt;
  }

  /** The whole request, in the bytes for the service. Its size is bounded by that of one message. */
  async #read(inlet: Inlet): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    const keep = (piece: Uint8Array | undefined) => {
      if (piece !== undefined) pieces.push(piece);
    };
    await forEachChunk(this.#exchange.body, (chunk) => {
      const piece = inlet.push(chunk);
      if (piece instanceof Promise) return piece.then(keep);
      keep(piece);
      return undefined;
    });
    keep(await inlet.end());
    const [only] = pieces;
    return only !== undefined && pieces.length === 1 ? only : Buffer.concat(pieces);
  }

  async #send(stream: ClientHttp2Stream, inlet: Inlet): Promise<void> {
    const pass = (bytes: Uint8Array | undefined) => (bytes === undefined ? undefined : write(stream, bytes));
    await forEachChunk(this.#exchange.body, (chunk) => {
      const piece = inlet.push(chunk);
      return piece instanceof Promise ? piece.then(pass) : pass(piece);
    });
    const last = await inlet.end();
    if (stream.destroyed) return;
    if (last === undefined) stream.end();
    else stream.end(last);
  }

  async #receive(stream: ClientHttp2Stream): Promise<void> {
    let trailers: IncomingHttpHeaders | undefined;
    stream.once('trailers', (fields) => {
      trailers = fields;
    });
    const headers = await headersOf(stream);
    if (this.#isOver) return;
    if (headers['grpc-status'] === UNAVAILABLE && this.#isExpired()) throw expired();
    if (headers['grpc-status'] !== undefined) return await this.#end(headers);
    const httpStatus = Number(headers[':status']);
    if (httpStatus !== 200) throw fromHttpStatus(httpStatus);
    const answer = this.#answering();
    answer.begin(headers);
    try {
      await forEachChunk(stream, (chunk) => (this.#isOver ? undefined : answer.write(chunk)));
    } catch (error) {
      throw error instanceof StreamCutOff ? broken(stream) : error;
    }
    if (this.#isOver) return;
    if (trailers?.['grpc-status'] === undefined) throw broken(stream);
    await this.#end(trailers);
  }

  async #end(fields: IncomingHttpHeaders): Promise<void> {
    this.#isOver = true;
    this.#outcome = outcomeOf(fields as Trailers);
    // gRPC allows an answer before the request has ended: the rest of it is of no use any more.
    if (this.#stream?.writableEnded === false) this.#stream.close(constants.NGHTTP2_NO_ERROR);
    try {
      await this.#answering().end(fields as Trailers);
    } catch (error) {
      // The service's message cannot be converted, and nothing has been sent yet.
      await this.#tellError(toGatewayError(error));
    }
  }

  /** Answers with an error. What cannot be sent either, such as a header that Node refuses, costs this call and no other. */
  async #tellError(error: RpcError): Promise<void> {
    this.#outcome = error;
    // What a client has sent wrongly is INTERNAL too, where gRPC says so, and no failure to look after.
    if (error.code === status.INTERNAL && error.reason !== 'MALFORMED_MESSAGE')
      this.#log.error({ err: error.cause ?? error, method: this.method.path }, 'call failed');
    else this.#log.debug({ method: this.method.path, code: status[error.code], reason: error.reason }, error.message);
    try {
      await this.#answering().end(this.#tell(error));
    } catch (cause) {
      this.#log.error({ err: cause, method: this.method.path }, 'an answer could not be sent');
      this.#exchange.cut();
    }
  }

  /** How the answer is told: uncompressed, if the headers that say what the client takes cannot be read. */
  #answering(): Answer {
    this.#answer ??= this.#protocol.answer(undefined);
    return this.#answer;
  }

  /** Nobody waits for the service's answer any more. */
  #leave(): void {
    this.#isOver = true;
    this.#stream?.close(constants.NGHTTP2_CANCEL);
  }
}

const UNAVAILABLE = String(status.UNAVAILABLE);

function expired(): RpcError {
  return new RpcError(status.DEADLINE_EXCEEDED, 'DEADLINE_EXCEEDED', 'the deadline of the call has passed');
}
