import type { IncomingHttpHeaders } from 'node:http';
import type { Registry } from '@bufbuild/protobuf';
import { endStreamFlag, endStreamToJson } from '@connectrpc/connect/protocol-connect';
import { trailerFlag, trailerSerialize } from '@connectrpc/connect/protocol-grpc-web';
import { status } from '@grpc/grpc-js';
import { RpcError } from '#kit/rpc/errors.ts';
import { type Compression, compressMessage, decompressMessage } from './compression.ts';
import { errorIn, type Trailers } from './errors.ts';
import { FrameReader, frameOf } from './frames.ts';
import type { HttpExchange } from './http-exchange.ts';
import type { JsonCodec } from './json.ts';
import { type Fields, metadataOf, webHeaders, withoutPadding } from './metadata.ts';

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

/** Returns the fields of the status among trailers. */
export function statusOf(trailers: Trailers): Fields {
  const fields: Fields = {};
  // grpc-js adds the message "OK", which gRPC advises against.
  if (trailers['grpc-status'] === '0') return { 'grpc-status': '0' };
  for (const name of ['grpc-status', 'grpc-message', 'grpc-status-details-bin']) {
    const value = trailers[name];
    if (value !== undefined) fields[name] = typeof value === 'string' && name.endsWith('-bin') ? withoutPadding(value) : value;
  }
  return fields;
}

/** Throws RESOURCE_EXHAUSTED if a message is too large to convert. */
export function checkResponseSize(length: number, maxBytes: number): void {
  if (length > maxBytes)
    throw new RpcError(status.RESOURCE_EXHAUSTED, 'ANSWER_TOO_LARGE', `a response message is larger than ${maxBytes} bytes`);
}
