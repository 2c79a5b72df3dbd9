import type { IncomingHttpHeaders } from 'node:http';
import type { Registry } from '@bufbuild/protobuf';
import { codeToHttpStatus, endStreamFlag, endStreamToJson, errorToJsonBytes } from '@connectrpc/connect/protocol-connect';
import { trailerFlag, trailerSerialize } from '@connectrpc/connect/protocol-grpc-web';
import { status } from '@grpc/grpc-js';
import { RpcError } from '#kit/rpc/errors.ts';
import { type Compression, compressMessage, decompressMessage } from './compression.ts';
import { errorIn, type Trailers, trailersOf } from './errors.ts';
import { COMPRESSED, type Frame, FrameReader, frameOf } from './frames.ts';
import type { HttpExchange } from './http-exchange.ts';
import type { JsonCodec } from './json.ts';
import { type Fields, metadataOf, webHeaders, withoutPadding } from './metadata.ts';
import { matchesTag } from './negotiation.ts';

/** Sends the response of a service in the protocol of the client. */
export interface ResponseEncoder {
  begin(headers: IncomingHttpHeaders): void;
  /** Sends a chunk of gRPC frames. Returns a promise if the client reads too slowly. */
  write(chunk: Uint8Array): Promise<void> | undefined;
  /** Sends the status; also without `begin`. */
  end(trailers: Trailers): Promise<void> | undefined;
}

export interface EncoderOptions {
  readonly contentType: string;
  readonly compression: Compression['response'];
  /** Set if the messages are JSON. */
  readonly codec: JsonCodec | undefined;
  /** Limit in bytes of a message that is converted or buffered. */
  readonly maxBytes: number;
  /** Types for the readable form of error details. */
  readonly registry: Registry | undefined;
}

/** The differences between the framed protocols. */
interface Framing {
  readonly encodingHeader: string;
  /** Headers of every response. */
  readonly always: Fields;
  /** The final frame. Undefined: HTTP trailers end the response. */
  readonly lastFrame: ((trailers: Trailers) => Uint8Array) | undefined;
}

/** Tells clients the supported compression after UNIMPLEMENTED (gRPC compression specification). */
const ACCEPTS: Fields = { 'grpc-accept-encoding': 'identity,gzip' };

/** gRPC: the status is in HTTP trailers, or in the headers (Trailers-Only). */
export function grpcEncoder(exchange: HttpExchange, options: EncoderOptions): ResponseEncoder {
  return framedEncoder(exchange, options, { encodingHeader: 'grpc-encoding', always: ACCEPTS, lastFrame: undefined });
}

/** gRPC-Web: the trailers are the last frame of the body. */
export function grpcWebEncoder(exchange: HttpExchange, options: EncoderOptions): ResponseEncoder {
  return framedEncoder(exchange, options, {
    encodingHeader: 'grpc-encoding',
    always: ACCEPTS,
    lastFrame: (trailers) => frameOf(trailerSerialize(webHeaders({ ...metadataOf(trailers), ...statusOf(trailers) })), trailerFlag),
  });
}

/** Connect streams: the last frame is a JSON object with error and trailers. */
export function connectStreamEncoder(exchange: HttpExchange, options: EncoderOptions): ResponseEncoder {
  return framedEncoder(exchange, options, {
    encodingHeader: 'connect-content-encoding',
    always: {},
    lastFrame: (trailers) => {
      const end = endStreamToJson(webHeaders(metadataOf(trailers)), errorIn(trailers, options.registry), undefined);
      return frameOf(Buffer.from(JSON.stringify(end)), endStreamFlag);
    },
  });
}

function framedEncoder(exchange: HttpExchange, options: EncoderOptions, framing: Framing): ResponseEncoder {
  const { codec, compression, contentType } = options;
  const convert = codec && converter(options, codec);
  const { encodingHeader, always, lastFrame } = framing;
  let encoding: string | string[] | undefined;
  const begin = (metadata: Fields) => {
    const fields: Fields = { ...metadata, ...always, 'content-type': contentType };
    if (encoding !== undefined) fields[encodingHeader] = encoding;
    exchange.writeHead(200, fields, lastFrame === undefined ? 'body and trailers' : 'body');
  };
  return {
    begin(headers) {
      // Converted messages are compressed here. Others pass unchanged.
      encoding = codec === undefined ? headers['grpc-encoding'] : compression;
      begin(metadataOf(headers));
    },
    write(chunk) {
      if (convert === undefined) return exchange.write(chunk);
      return convert(chunk).then((bytes) => (bytes === undefined ? undefined : exchange.write(bytes)));
    },
    end(trailers) {
      if (lastFrame === undefined) {
        const all = { ...metadataOf(trailers), ...statusOf(trailers) };
        if (exchange.headersSent) exchange.end(all);
        else exchange.respond(200, { ...all, ...always, 'content-type': contentType });
        return;
      }
      if (!exchange.headersSent) begin({});
      void exchange.write(lastFrame(trailers));
      exchange.end();
      return;
    },
  };
}

/** Converts frames with binary messages to frames with JSON. */
function converter({ maxBytes, compression }: EncoderOptions, codec: JsonCodec): (chunk: Uint8Array) => Promise<Uint8Array | undefined> {
  const reader = new FrameReader(({ length }) => checkResponseSize(length, maxBytes));
  return async (chunk) => {
    const frames: Uint8Array[] = [];
    for (const frame of reader.push(chunk)) {
      const { data, flags } = await compressMessage(codec.response(await decompressMessage(frame, 'gzip', maxBytes)), compression);
      frames.push(frameOf(data, flags));
    }
    return frames.length === 0 ? undefined : Buffer.concat(frames);
  };
}

/** Unary Connect: the body is the message, errors are JSON with an HTTP status, trailers are headers with a prefix. */
export function connectUnaryEncoder(exchange: HttpExchange, options: EncoderOptions): ResponseEncoder {
  const { codec, compression, contentType, maxBytes, registry } = options;
  let hasMessage = false;
  const reader = new FrameReader(({ length }) => {
    if (hasMessage) throw wrongMessageCount('more than one message');
    hasMessage = true;
    checkResponseSize(length, maxBytes);
  });
  let message: Frame | undefined;
  let metadata: Fields | undefined;

  const send = (httpStatus: number, fields: Fields, { data, flags }: Frame) => {
    if ((flags & COMPRESSED) !== 0) {
      fields['content-encoding'] = 'gzip';
      // A strong tag identifies exact bytes (RFC 9110, 8.8.1). The service tagged the uncompressed ones.
      if (typeof fields.etag === 'string') fields.etag = fields.etag.replace(/^"/, 'W/"');
    }
    exchange.respond(httpStatus, fields, data);
  };
  const fail = (fields: Fields, trailers: Trailers): Promise<void> | undefined => {
    const error = errorIn(trailers, registry);
    if (error === undefined) return undefined;
    fields['content-type'] = 'application/json';
    return later(compressMessage(errorToJsonBytes(error, undefined), compression), (body) =>
      send(codeToHttpStatus(error.code), fields, body),
    );
  };
  const succeed = async (fields: Fields) => {
    if (message === undefined) return await fail({}, trailersOf(wrongMessageCount('no message')));
    if (exchange.method === 'GET' && isNotModified(exchange, fields)) return exchange.respond(304, fields);
    fields['content-type'] = contentType;
    // The service compressed for the client already.
    if (codec === undefined && (message.flags & COMPRESSED) !== 0) return send(200, fields, message);
    const bytes = codec === undefined ? message.data : codec.response(await decompressMessage(message, 'gzip', maxBytes));
    send(200, fields, await compressMessage(bytes, compression));
  };
  return {
    begin(headers) {
      metadata = metadataOf(headers);
    },
    write(chunk) {
      for (const frame of reader.push(chunk)) message = frame;
      return undefined;
    },
    end(trailers) {
      // Trailers-Only: the metadata becomes headers.
      const fields: Fields = metadata === undefined ? metadataOf(trailers) : { ...metadata, ...prefixed(metadataOf(trailers)) };
      fields.vary = 'accept-encoding';
      return statusOf(trailers)['grpc-status'] === '0' ? succeed(fields) : fail(fields, trailers);
    },
  };
}

/** Compares entity tags. Also allows the client to store the response and revalidate. */
function isNotModified(exchange: HttpExchange, fields: Fields): boolean {
  const { etag } = fields;
  if (typeof etag !== 'string') return false;
  fields['cache-control'] ??= 'no-cache';
  return matchesTag(exchange.headers['if-none-match'], etag);
}

function wrongMessageCount(what: string): RpcError {
  return new RpcError(status.INTERNAL, 'UPSTREAM_ANSWER', `the service sent ${what} for a unary call`);
}

function prefixed(trailers: Fields): Fields {
  return Object.fromEntries(Object.entries(trailers).map(([name, value]) => [`trailer-${name}`, value]));
}

function statusOf(trailers: Trailers): Fields {
  const fields: Fields = {};
  // grpc-js adds the message "OK", which gRPC advises against.
  if (trailers['grpc-status'] === '0') return { 'grpc-status': '0' };
  for (const name of ['grpc-status', 'grpc-message', 'grpc-status-details-bin']) {
    const value = trailers[name];
    if (value !== undefined) fields[name] = typeof value === 'string' && name.endsWith('-bin') ? withoutPadding(value) : value;
  }
  return fields;
}

function checkResponseSize(length: number, maxBytes: number): void {
  if (length > maxBytes)
    throw new RpcError(status.RESOURCE_EXHAUSTED, 'ANSWER_TOO_LARGE', `a response message is larger than ${maxBytes} bytes`);
}

function later<T>(value: T | Promise<T>, then: (value: T) => void): Promise<void> | undefined {
  if (value instanceof Promise) return value.then(then);
  then(value);
  return undefined;
}
