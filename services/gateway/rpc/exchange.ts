import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { constants, type ServerHttp2Stream } from 'node:http2';
import type { Readable } from 'node:stream';
import type { Fields } from './metadata.ts';
import { write } from './streams.ts';

/** What comes after the headers of an answer that is sent in parts. */
export type Follows = 'body' | 'body and trailers';

/** How long a client may go on with a request that is answered, in milliseconds. */
const LINGER_MS = 1000;

/** A request and what is answered to it, over HTTP/1.1 or HTTP/2. */
export interface Exchange {
  readonly method: string;
  /** Path with query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** The request's body. */
  readonly body: Readable;
  /** Whether trailers can be sent; HTTP/1.1 has them, but hardly any client reads them. */
  readonly hasTrailers: boolean;
  readonly hasBegun: boolean;
  /** Sends a whole answer, with the length of its body if it has one. */
  answer(status: number, headers: Fields, body?: Uint8Array): void;
  /** Sends status and headers of an answer that comes in parts. */
  begin(status: number, headers: Fields, follows: Follows): void;
  /** Sends a part of the body. Returns a promise if the caller should wait for the client to read. */
  write(bytes: Uint8Array): Promise<void> | undefined;
  /** Ends the body; `trailers` where they were announced. */
  end(trailers?: Fields): void;
  /** Cuts the exchange off, whatever was sent of it. */
  cut(): void;
  /** Calls back once, when the exchange is over: `isComplete` is false if the client went away before the whole answer was sent. */
  onClose(callback: (isComplete: boolean) => void): void;
}

/** An exchange over HTTP/2. */
export class Http2Exchange implements Exchange {
  readonly headers: IncomingHttpHeaders;
  readonly body: ServerHttp2Stream;
  readonly hasTrailers = true;
  #ended = false;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders) {
    this.body = stream;
    this.headers = headers;
    // A client that breaks its request off is learned of when the stream closes.
    stream.on('error', () => undefined);
  }

  get method(): string {
    return String(this.headers[':method'] ?? '');
  }

  get url(): string {
    return String(this.headers[':path'] ?? '');
  }

  get hasBegun(): boolean {
    return this.body.headersSent;
  }

  answer(status: number, headers: Fields, body?: Uint8Array): void {
    if (this.body.destroyed) return;
    if (body === undefined) this.body.respond({ ...headers, ':status': status }, { endStream: true });
    else {
      this.body.respond({ ...headers, ':status': status, 'content-length': body.byteLength });
      this.body.end(body);
    }
    this.#finish();
  }

  begin(status: number, headers: Fields, follows: Follows): void {
    if (this.body.destroyed) return;
    this.body.respond({ ...headers, ':status': status }, { waitForTrailers: follows === 'body and trailers' });
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    return write(this.body, bytes);
  }

  end(trailers?: Fields): void {
    if (this.#ended || this.body.destroyed) return;
    if (trailers !== undefined) this.body.once('wantTrailers', () => this.body.sendTrailers(trailers));
    this.body.end();
    this.#finish();
  }

  cut(): void {
    this.body.close(constants.NGHTTP2_INTERNAL_ERROR);
  }

  onClose(callback: (isComplete: boolean) => void): void {
    this.body.once('close', () => callback(this.#ended && this.body.rstCode === 0));
  }

  #finish(): void {
    this.#ended = true;
    if (this.body.readableEnded) return;
    // What the client still sends is of no use. Most end their request when they have the answer; one that does not is told to, not at once,
    // since that could overtake the answer.
    this.body.resume();
    const late = setTimeout(() => this.body.close(constants.NGHTTP2_NO_ERROR), LINGER_MS);
    this.body.once('close', () => clearTimeout(late));
  }
}

/** An exchange over HTTP/1.1. */
export class Http1Exchange implements Exchange {
  readonly body: IncomingMessage;
  readonly hasTrailers = false;
  readonly #response: ServerResponse;

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.body = request;
    this.#response = response;
  }

  get method(): string {
    return this.body.method ?? '';
  }

  get url(): string {
    return this.body.url ?? '';
  }

  get headers(): IncomingHttpHeaders {
    return this.body.headers;
  }

  get hasBegun(): boolean {
    return this.#response.headersSent;
  }

  answer(status: number, headers: Fields, body?: Uint8Array): void {
    this.#response.writeHead(status, body === undefined ? headers : { ...headers, 'content-length': body.byteLength });
    this.#response.end(body);
  }

  begin(status: number, headers: Fields): void {
    this.#response.writeHead(status, headers);
    this.#response.flushHeaders();
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    return write(this.#response, bytes);
  }

  end(): void {
    this.#response.end();
  }

  cut(): void {
    this.#response.destroy();
  }

  onClose(callback: (isComplete: boolean) => void): void {
    this.#response.once('close', () => callback(this.#response.writableFinished));
  }
}
