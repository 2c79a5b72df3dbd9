import { codeToHttpStatus, errorToJsonBytes } from '@connectrpc/connect/protocol-connect';
import { status } from '@grpc/grpc-js';
import { RpcError } from '#kit/rpc/errors.ts';
import { compressMessage, decompressMessage } from './compression.ts';
import { errorIn, type Trailers, trailersOf } from './errors.ts';
import { COMPRESSED, type Frame, FrameReader } from './frames.ts';
import type { HttpExchange } from './http-exchange.ts';
import { type Fields, metadataOf } from './metadata.ts';
import { matchesTag } from './negotiation.ts';
import { checkResponseSize, type EncoderOptions, type ResponseEncoder, statusOf } from './response-encoders.ts';

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

function later<T>(value: T | Promise<T>, then: (value: T) => void): Promise<void> | undefined {
  if (value instanceof Promise) return value.then(then);
  then(value);
  return undefined;
}
