import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import { constants } from 'node:http2';
import { status } from '@grpc/grpc-js';
import { type RpcError, unavailable } from '#kit/rpc/errors.ts';
import type { Logger } from '#kit/runtime/log.ts';
import { SpanKind, setSpanStatus, startSpan } from '#kit/runtime/telemetry.ts';
import { Deadline, deadlineExceeded } from './deadline.ts';
import { fromHttpStatus, outcomeOf, type Trailers, toGatewayError } from './errors.ts';
import type { HttpExchange } from './http-exchange.ts';
import type { Method } from './methods.ts';
import type { Protocol } from './protocols.ts';
import type { RequestDecoder } from './request-decoders.ts';
import { requestHeaders, traceOf } from './request-headers.ts';
import type { ResponseEncoder } from './response-encoders.ts';
import { forEachChunk, StreamClosedEarly, write } from './streams.ts';
import { brokenStream, headersOf, type Upstream } from './upstream.ts';

export interface CallOptions {
  readonly upstream: Upstream;
  readonly log: Logger;
  /** Encodes an error of the gateway as trailers. */
  readonly errorTrailers: (error: RpcError) => Trailers;
}

/** Forwards one call of a client to a service. */
export class Call {
  readonly method: Method;
  readonly #exchange: HttpExchange;
  readonly #protocol: Protocol;
  readonly #upstream: Upstream;
  readonly #log: Logger;
  readonly #errorTrailers: CallOptions['errorTrailers'];
  #encoder: ResponseEncoder | undefined;
  #stream: ClientHttp2Stream | undefined;
  readonly #deadline = new Deadline();
  /** The status was sent, or the client is gone. */
  #isOver = false;
  /** The status for the span. */
  #outcome: Pick<RpcError, 'code' | 'message'> = { code: status.CANCELLED, message: 'the client cancelled the call' };

  constructor(exchange: HttpExchange, method: Method, protocol: Protocol, { upstream, log, errorTrailers }: CallOptions) {
    this.method = method;
    this.#exchange = exchange;
    this.#protocol = protocol;
    this.#upstream = upstream;
    this.#log = log;
    this.#errorTrailers = errorTrailers;
  }

  /** Resolves at the end of the call, also if the call fails. */
  async run(): Promise<void> {
    const rpc = this.method.path.slice(1);
    const attributes = { 'rpc.system.name': this.#protocol.name, 'rpc.method': rpc };
    const parent = traceOf(this.#exchange.headers);
    // No spans for health checks and reflection.
    const span = this.method.messages && startSpan(rpc, { kind: SpanKind.SERVER, attributes, parent });
    this.#exchange.onClose((isComplete) => {
      if (!isComplete) this.#cancelUpstream();
    });
    try {
      const head = this.#protocol.parseHead();
      this.#encoder = this.#protocol.encoder(head.compression.response);
      this.#deadline.start(head.timeoutMs, () => this.fail(deadlineExceeded()));
      // A single message is validated before anything is sent.
      const request = this.method.clientStreams ? undefined : await this.#read(head.decoder);
      if (this.#isOver) return;
      const headers = requestHeaders(this.#exchange.headers, head, span);
      const stream = await this.#upstream.open(this.method.host, this.method.path, headers);
      this.#stream = stream;
      if (this.#isOver) return this.#cancelUpstream();
      const received = this.#receive(stream);
      if (request !== undefined) stream.end(request);
      else this.#send(stream, head.decoder).catch((error: unknown) => this.fail(error));
      await received;
    } catch (error) {
      this.fail(error);
    } finally {
      this.#deadline.stop();
      if (span !== undefined) {
        setSpanStatus(span, SpanKind.SERVER, this.#outcome.code, this.#outcome.message);
        span.end();
      }
    }
  }

  /** Ends the call with an error, unless the call is over. */
  fail(error: unknown): void {
    // The client left during its request: onClose of the exchange cancels the call.
    if (this.#isOver || error instanceof StreamClosedEarly) return;
    // A sidecar may enforce the deadline before the own timer. It then resets the stream or answers UNAVAILABLE.
    const rpcError = this.#deadline.isExpired ? deadlineExceeded() : toGatewayError(error);
    this.#cancelUpstream();
    void this.#sendError(rpcError);
  }

  /** Ends a streaming call so that the client resumes at another replica. */
  drain(): void {
    this.fail(unavailable('STOPPING', 'the gateway is stopping, please try again'));
  }

  /** Reads the complete request, at most one message. */
  async #read(decoder: RequestDecoder): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    const keep = (decoded: Uint8Array | undefined) => {
      if (decoded !== undefined) chunks.push(decoded);
    };
    await forEachChunk(this.#exchange.body, (chunk) => {
      const decoded = decoder.push(chunk);
      if (decoded instanceof Promise) return decoded.then(keep);
      keep(decoded);
      return undefined;
    });
    keep(await decoder.end());
    const [only] = chunks;
    return only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks);
  }

  async #send(stream: ClientHttp2Stream, decoder: RequestDecoder): Promise<void> {
    const pass = (bytes: Uint8Array | undefined) => (bytes === undefined ? undefined : write(stream, bytes));
    await forEachChunk(this.#exchange.body, (chunk) => {
      const decoded = decoder.push(chunk);
      return decoded instanceof Promise ? decoded.then(pass) : pass(decoded);
    });
    const last = await decoder.end();
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
    if (headers['grpc-status'] === UNAVAILABLE && this.#deadline.isExpired) throw deadlineExceeded();
    if (headers['grpc-status'] !== undefined) return await this.#end(headers);
    const httpStatus = Number(headers[':status']);
    if (httpStatus !== 200) throw fromHttpStatus(httpStatus);
    const encoder = this.#getEncoder();
    encoder.begin(headers);
    try {
      await forEachChunk(stream, (chunk) => (this.#isOver ? undefined : encoder.write(chunk)));
    } catch (error) {
      throw error instanceof StreamClosedEarly ? brokenStream(stream) : error;
    }
    if (this.#isOver) return;
    if (trailers?.['grpc-status'] === undefined) throw brokenStream(stream);
    await this.#end(trailers);
  }

  async #end(fields: IncomingHttpHeaders): Promise<void> {
    this.#isOver = true;
    this.#outcome = outcomeOf(fields as Trailers);
    // A service may answer before the end of the request. Drop the rest of the request.
    if (this.#stream?.writableEnded === false) this.#stream.close(constants.NGHTTP2_NO_ERROR);
    try {
      await this.#getEncoder().end(fields as Trailers);
    } catch (error) {
      // The message cannot be converted. Nothing was sent yet.
      await this.#sendError(toGatewayError(error));
    }
  }

  /** Sends an error. If Node refuses a header, only this call breaks. */
  async #sendError(error: RpcError): Promise<void> {
    this.#outcome = error;
    // gRPC demands INTERNAL for some malformed requests, which are no failure of the gateway.
    if (error.code === status.INTERNAL && error.reason !== 'MALFORMED_MESSAGE')
      this.#log.error({ err: error.cause ?? error, method: this.method.path }, 'call failed');
    else this.#log.debug({ method: this.method.path, code: status[error.code], reason: error.reason }, error.message);
    try {
      await this.#getEncoder().end(this.#errorTrailers(error));
    } catch (cause) {
      this.#log.error({ err: cause, method: this.method.path }, 'response could not be sent');
      this.#exchange.destroy();
    }
  }

  /** Defaults to no compression if the request headers cannot be parsed. */
  #getEncoder(): ResponseEncoder {
    this.#encoder ??= this.#protocol.encoder(undefined);
    return this.#encoder;
  }

  #cancelUpstream(): void {
    this.#isOver = true;
    this.#stream?.close(constants.NGHTTP2_CANCEL);
  }
}

const UNAVAILABLE = String(status.UNAVAILABLE);
