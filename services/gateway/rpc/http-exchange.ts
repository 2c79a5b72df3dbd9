import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { constants, type ServerHttp2Stream } from 'node:http2';
import type { Readable } from 'node:stream';
import type { Fields } from './metadata.ts';
import { write } from './streams.ts';

/** What follows the headers of a streamed response. */
export type Follows = 'body' | 'body and trailers';

/** How long in milliseconds a client may continue to send a request that has its response. */
const LINGER_MS = 1000;

/** An HTTP request and its response, over HTTP/1.1 or HTTP/2. */
export interface HttpExchange {
  readonly method: string;
  /** Path with query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** The body of the request. */
  readonly body: Readable;
  /** False for HTTP/1.1: it has trailers, but few clients read them. */
  readonly supportsTrailers: boolean;
  readonly headersSent: boolean;
  /** Sends a complete response. */
  respond(status: number, headers: Fields, body?: Uint8Array): void;
  /** Sends the status and the headers of a streamed response. */
  writeHead(status: number, headers: Fields, follows: Follows): void;
  /** Sends a chunk of the body. Returns a promise if the client reads too slowly. */
  write(bytes: Uint8Array): Promise<void> | undefined;
  /** Ends the body. `trailers` only after `writeHead(…, 'body and trailers')`. */
  end(trailers?: Fields): void;
  /** Resets the stream or closes the connection. */
  destroy(): void;
  /** Calls back once at the end. `isComplete` is false if the client left before the end of the response. */
  onClose(callback: (isComplete: boolean) => void): void;
}

export class Http2Exchange implements HttpExchange {
  readonly headers: IncomingHttpHeaders;
  readonly body: ServerHttp2Stream;
  readonly supportsTrailers = true;
  #ended = false;

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders) {
    this.body = stream;
    this.headers = headers;
    // The close event reports a brokenStream stream as well.
    stream.on('error', () => undefined);
  }

  get method(): string {
    return String(this.headers[':method'] ?? '');
  }

  get url(): string {
    return String(this.headers[':path'] ?? '');
  }

  get headersSent(): boolean {
    return this.body.headersSent;
  }

  respond(status: number, headers: Fields, body?: Uint8Array): void {
    if (this.body.destroyed) return;
    if (body === undefined) this.body.respond({ ...headers, ':status': status }, { endStream: true });
    else {
      this.body.respond({ ...headers, ':status': status, 'content-length': body.byteLength });
      this.body.end(body);
    }
    this.#finish();
  }

  writeHead(status: number, headers: Fields, follows: Follows): void {
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

  destroy(): void {
    this.body.close(constants.NGHTTP2_INTERNAL_ERROR);
  }

  onClose(callback: (isComplete: boolean) => void): void {
    this.body.once('close', () => callback(this.#ended && this.body.rstCode === 0));
  }

  #finish(): void {
    this.#ended = true;
    if (this.body.readableEnded) return;
    // Most clients end the request once they have the response. Reset the others, but later: a reset could overtake the response.
    this.body.resume();
    const timer = setTimeout(() => this.body.close(constants.NGHTTP2_NO_ERROR), LINGER_MS);
    this.body.once('close', () => clearTimeout(timer));
  }
}

export class Http1Exchange implements HttpExchange {
  readonly body: IncomingMessage;
  readonly supportsTrailers = false;
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

  get headersSent(): boolean {
    return this.#response.headersSent;
  }

  respond(status: number, headers: Fields, body?: Uint8Array): void {
    this.#response.writeHead(status, body === undefined ? headers : { ...headers, 'content-length': body.byteLength });
    this.#response.end(body);
  }

  writeHead(status: number, headers: Fields): void {
    this.#response.writeHead(status, headers);
    this.#response.flushHeaders();
  }

  write(bytes: Uint8Array): Promise<void> | undefined {
    return write(this.#response, bytes);
  }

  end(): void {
    this.#response.end();
  }

  destroy(): void {
    this.#response.destroy();
  }

  onClose(callback: (isComplete: boolean) => void): void {
    this.#response.once('close', () => callback(this.#response.writableFinished));
  }
}
