import type { IncomingHttpHeaders } from 'node:http';
import type { Registry } from '@bufbuild/protobuf';
import { codeToHttpStatus, endStreamFlag, endStreamToJson, errorToJsonBytes } from '@connectrpc/connect/protocol-connect';
import { trailerFlag, trailerSerialize } from '@connectrpc/connect/protocol-grpc-web';
import { status } from '@grpc/grpc-js';
import { RpcError } from '#kit/rpc/errors.ts';
import { type Compression, compressed, plain } from './compression.ts';
import { errorIn, type Trailers, trailersOf } from './errors.ts';
import type { Exchange } from './exchange.ts';
import { COMPRESSED, type Frame, FrameReader, frameOf } from './frames.ts';
import type { JsonCodec } from './json.ts';
import { type Fields, metadataOf, webHeaders, withoutPadding } from './metadata.ts';
import { matchesTag } from './negotiation.ts';

/** Tells a service's answer in the client's protocol. */
export interface Answer {
  /** The service's headers. */
  begin(headers: IncomingHttpHeaders): void;
  /** Some bytes of the service's messages, in gRPC frames. Returns a promise if the client has to catch up first. */
  write(chunk: Uint8Array): Promise<void> | undefined;
  /** The status; also as the only thing there is. */
  end(trailers: Trailers): Promise<void> | undefined;
}

/** What an answer works with. */
export interface AnswerOptions {
  readonly contentType: string;
  readonly compression: Compression['response'];
  /** Given where messages are JSON. */
  readonly codec: JsonCodec | undefined;
  /** The largest message in bytes that is converted or collected. */
  readonly maxBytes: number;
  /** The types by which error details are shown in readable form. */
  readonly registry: Registry | undefined;
}

/** How the three protocols differ that send messages in frames. */
interface Framing {
  readonly encodingHeader: string;
  /** Headers of every answer. */
  readonly always: Fields;
  /** What ends the body; undefined where HTTP trailers do. */
  readonly lastFrame: ((trailers: Trailers) => Uint8Array) | undefined;
}

/** By it a client that is refused for its compression knows which one to use (gRPC's specification of compression). */
const ACCEPTS: Fields = { 'grpc-accept-encoding': 'identity,gzip' };

/** gRPC: the status is in HTTP trailers, or in the headers if there is nothing else. */
export function grpcAnswer(exchange: Exchange, options: AnswerOptions): Answer {
  return framedAnswer(exchange, options, { encodingHeader: 'grpc-encoding', always: ACCEPTS, lastFrame: undefined });
}

/** gRPC-Web: the trailers are the last frame of the body. */
export function grpcWebAnswer(exchange: Exchange, options: AnswerOptions): Answer {
  return framedAnswer(exchange, options, {
    encodingHeader: 'grpc-encoding',
    always: ACCEPTS,
    lastFrame: (trailers) => frameOf(trailerSerialize(webHeaders({ ...metadataOf(trailers), ...statusOf(trailers) })), trailerFlag),
  });
}

/** Connect streams: error and trailers are a JSON object in the last frame of the body. */
export function connectStreamAnswer(exchange: Exchange, options: AnswerOptions): Answer {
  return framedAnswer(exchange, options, {
    encodingHeader: 'connect-content-encoding',
    always: {},
    lastFrame: (trailers) => {
      const end = endStreamToJson(webHeaders(metadataOf(trailers)), errorIn(trailers, options.registry), undefined);
      return frameOf(Buffer.from(JSON.stringify(end)), endStreamFlag);
    },
  });
}

function framedAnswer(exchange: Exchange, options: AnswerOptions, framing: Framing): Answer {
  const { codec, compression, contentType } = options;
  const convert = codec && converter(options, codec);
  const { encodingHeader, always, lastFrame } = framing;
  /** How the service compresses. */
  let encoding: string | string[] | undefined;
  const begin = (metadata: Fields) => {
    const fields: Fields = { ...metadata, ...always, 'content-type': contentType };
    if (encoding !== undefined) fields[encodingHeader] = encoding;
    exchange.begin(200, fields, lastFrame === undefined ? 'body and trailers' : 'body');
  };
  return {
    begin(headers) {
      // Converted messages are compressed here, others as the service has done it.
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
        if (exchange.hasBegun) exchange.end(all);
        else exchange.answer(200, { ...all, ...always, 'content-type': contentType });
        return;
      }
      if (!exchange.hasBegun) begin({});
      void exchange.write(lastFrame(trailers));
      exchange.end();
      return;
    },
  };
}

/** Frames with binary messages to frames with JSON. */
function converter({ maxBytes, compression }: AnswerOptions, codec: JsonCodec): (chunk: Uint8Array) => Promise<Uint8Array | undefined> {
  const reader = new FrameReader(({ length }) => checkAnswer(length, maxBytes));
  return async (chunk) => {
    const frames: Uint8Array[] = [];
    for (const frame of reader.push(chunk)) {
      const { data, flags } = await compressed(codec.response(await plain(frame, 'gzip', maxBytes)), compression);
      frames.push(frameOf(data, flags));
    }
    return frames.length === 0 ? undefined : Buffer.concat(frames);
  };
}

/** Connect calls with one answer: its message is the body, errors are JSON with an HTTP status, trailers are headers with a prefix. */
export function connectUnaryAnswer(exchange: Exchange, options: AnswerOptions): Answer {
  const { codec, compression, contentType, maxBytes, registry } = options;
  let hasMessage = false;
  const reader = new FrameReader(({ length }) => {
    if (hasMessage) throw wrongNumber('more than one message');
    hasMessage = true;
    checkAnswer(length, maxBytes);
  });
  let message: Frame | undefined;
  let metadata: Fields | undefined;

  const send = (httpStatus: number, fields: Fields, { data, flags }: Frame) => {
    if ((flags & COMPRESSED) !== 0) {
      fields['content-encoding'] = 'gzip';
      // A strong tag belongs to the very bytes (RFC 9110, 8.8.1), and the service's to those that are not compressed.
      if (typeof fields.etag === 'string') fields.etag = fields.etag.replace(/^"/, 'W/"');
    }
    exchange.answer(httpStatus, fields, data);
  };
  const fail = (fields: Fields, trailers: Trailers): Promise<void> | undefined => {
    const error = errorIn(trailers, registry);
    if (error === undefined) return undefined;
    fields['content-type'] = 'application/json';
    return later(compressed(errorToJsonBytes(error, undefined), compression), (body) => send(codeToHttpStatus(error.code), fields, body));
  };
  const succeed = async (fields: Fields) => {
    if (message === undefined) return await fail({}, trailersOf(wrongNumber('no message')));
    if (exchange.method === 'GET' && isKept(exchange, fields)) return exchange.answer(304, fields);
    fields['content-type'] = contentType;
    // What the service has compressed is passed on so: it was told what the client takes.
    if (codec === undefined && (message.flags & COMPRESSED) !== 0) return send(200, fields, message);
    const bytes = codec === undefined ? message.data : codec.response(await plain(message, 'gzip', maxBytes));
    send(200, fields, await compressed(bytes, compression));
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
      // A status without anything before it: its metadata is what there is of headers.
      const fields: Fields = metadata === undefined ? metadataOf(trailers) : { ...metadata, ...prefixed(metadataOf(trailers)) };
      fields.vary = 'accept-encoding';
      return statusOf(trailers)['grpc-status'] === '0' ? succeed(fields) : fail(fields, trailers);
    },
  };
}

/** Whether a client has what a GET would answer, by its entity tag; also lets it keep what it gets, to ask again by the tag. */
function isKept(exchange: Exchange, fields: Fields): boolean {
  const { etag } = fields;
  if (typeof etag !== 'string') return false;
  fields['cache-control'] ??= 'no-cache';
  return matchesTag(exchange.headers['if-none-match'], etag);
}

function wrongNumber(what: string): RpcError {
  return new RpcError(status.INTERNAL, 'UPSTREAM_ANSWER', `the service has answered ${what}, and the method has one`);
}

function prefixed(trailers: Fields): Fields {
  return Object.fromEntries(Object.entries(trailers).map(([name, value]) => [`trailer-${name}`, value]));
}

function statusOf(trailers: Trailers): Fields {
  const fields: Fields = {};
  // grpc-js says "OK" in words too, which gRPC asks not to do.
  if (trailers['grpc-status'] === '0') return { 'grpc-status': '0' };
  for (const name of ['grpc-status', 'grpc-message', 'grpc-status-details-bin']) {
    const value = trailers[name];
    if (value !== undefined) fields[name] = typeof value === 'string' && name.endsWith('-bin') ? withoutPadding(value) : value;
  }
  return fields;
}

function checkAnswer(length: number, maxBytes: number): void {
  if (length > maxBytes)
    throw new RpcError(status.RESOURCE_EXHAUSTED, 'ANSWER_TOO_LARGE', `a message of the answer is larger than ${maxBytes} bytes`);
}

function later<T>(value: T | Promise<T>, then: (value: T) => void): Promise<void> | undefined {
  if (value instanceof Promise) return value.then(then);
  then(value);
  return undefined;
}
