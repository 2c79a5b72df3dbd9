import type { IncomingHttpHeaders } from 'node:http';
import { parseContentType as parseConnect, parseTimeout as parseConnectTimeout } from '@connectrpc/connect/protocol-connect';
import { parseContentType as parseGrpc, parseTimeout as parseGrpcTimeout } from '@connectrpc/connect/protocol-grpc';
import { parseContentType as parseGrpcWeb } from '@connectrpc/connect/protocol-grpc-web';
import { type Compression, negotiate } from './compression.ts';
import { queryDecoder, readQuery } from './connect-get.ts';
import { connectUnaryEncoder } from './connect-unary-encoder.ts';
import { toGatewayError } from './errors.ts';
import type { HttpExchange } from './http-exchange.ts';
import type { JsonCodec } from './json.ts';
import type { Method } from './methods.ts';
import { type DecoderOptions, framedDecoder, type RequestDecoder, unaryDecoder } from './request-decoders.ts';
import { connectStreamEncoder, type EncoderOptions, grpcEncoder, grpcWebEncoder, type ResponseEncoder } from './response-encoders.ts';

/** The edge moves the grpc-timeout of a stream to this header, so that no sidecar resets the stream (envoy/edge/deadline.ts). */
const HELD_TIMEOUT = 'rentmesh-timeout';

/** The protocol of a call. */
export interface Protocol {
  /** OpenTelemetry rpc.system.name, except for gRPC-Web, which has none. */
  readonly name: 'grpc' | 'grpc-web' | 'connectrpc';
  /** Creates the response encoder. Works for malformed requests as well. */
  readonly encoder: (compression: Compression['response']) => ResponseEncoder;
  /** Parses the request headers. Throws RpcError. */
  readonly parseHead: () => RequestHead;
}

/** The parsed request headers. */
export interface RequestHead {
  /** Milliseconds until the deadline of the caller. */
  readonly timeoutMs: number | undefined;
  readonly compression: Compression;
  readonly decoder: RequestDecoder;
}

/** A plain HTTP error for a request in no known protocol. */
export interface HttpRefusal {
  readonly status: 405 | 415 | 505;
  readonly headers: Record<string, string>;
}

export interface ProtocolOptions {
  readonly method: Method;
  readonly codec: JsonCodec | undefined;
  readonly maxRequestBytes: number;
  readonly maxResponseBytes: number;
}

/** Detects the protocol by HTTP method and content type. */
export function protocolOf(exchange: HttpExchange, options: ProtocolOptions): Protocol | HttpRefusal {
  const { method } = options;
  if (exchange.method === 'GET' && method.readsOnly) return connectGet(exchange, options);
  if (exchange.method !== 'POST') return { status: 405, headers: { allow: method.readsOnly ? 'GET, POST' : 'POST' } };
  const contentType = exchange.headers['content-type'] ?? '';
  return (
    (contentType.startsWith('application/grpc') ? grpc(exchange, options, contentType) : connect(exchange, options, contentType)) ??
    unsupported(options)
  );
}

function grpc(exchange: HttpExchange, options: ProtocolOptions, contentType: string): Protocol | HttpRefusal | undefined {
  const web = parseGrpcWeb(contentType);
  const type = web ?? parseGrpc(contentType);
  if (type === undefined || web?.text === true || (!type.binary && options.codec === undefined)) return undefined;
  if (web === undefined && !exchange.supportsTrailers) return { status: 505, headers: {} };
  const codec = type.binary ? undefined : options.codec;
  const { headers } = exchange;
  return {
    name: web === undefined ? 'grpc' : 'grpc-web',
    encoder: (compression) =>
      (web === undefined ? grpcEncoder : grpcWebEncoder)(exchange, encoderOptions(options, contentType, codec, compression)),
    parseHead: () => {
      const compression = negotiate(text(headers, 'grpc-encoding'), text(headers, 'grpc-accept-encoding'));
      return {
        timeoutMs: timeout(parseGrpcTimeout, text(headers, 'grpc-timeout') ?? text(headers, HELD_TIMEOUT)),
        compression,
        decoder: framedDecoder(decoderOptions(options, codec, compression)),
      };
    },
  };
}

function connect(exchange: HttpExchange, options: ProtocolOptions, contentType: string): Protocol | undefined {
  const { method } = options;
  const type = parseConnect(contentType);
  if (type === undefined || type.stream !== (method.clientStreams || method.serverStreams)) return undefined;
  if (!type.binary && options.codec === undefined) return undefined;
  const codec = type.binary ? undefined : options.codec;
  const { headers } = exchange;
  const prefix = type.stream ? 'connect-' : '';
  const makeEncoder = type.stream ? connectStreamEncoder : connectUnaryEncoder;
  const makeDecoder = type.stream ? framedDecoder : unaryDecoder;
  const responseType = `application/${type.stream ? 'connect+' : ''}${type.binary ? 'proto' : 'json'}`;
  return {
    name: 'connectrpc',
    encoder: (compression) => makeEncoder(exchange, encoderOptions(options, responseType, codec, compression)),
    parseHead: () => {
      const compression = negotiate(text(headers, `${prefix}content-encoding`), text(headers, `${prefix}accept-encoding`));
      return {
        timeoutMs: timeout(parseConnectTimeout, text(headers, 'connect-timeout-ms')),
        compression,
        decoder: makeDecoder(decoderOptions(options, codec, compression)),
      };
    },
  };
}

function connectGet(exchange: HttpExchange, options: ProtocolOptions): Protocol | HttpRefusal {
  const query = readQuery(exchange.url);
  if (query === undefined || (query.encoding === 'json' && options.codec === undefined)) return unsupported(options);
  const codec = query.encoding === 'json' ? options.codec : undefined;
  const { headers } = exchange;
  return {
    name: 'connectrpc',
    encoder: (compression) => connectUnaryEncoder(exchange, encoderOptions(options, `application/${query.encoding}`, codec, compression)),
    parseHead: () => {
      const compression = negotiate(query.compression, text(headers, 'accept-encoding'));
      return {
        timeoutMs: timeout(parseConnectTimeout, text(headers, 'connect-timeout-ms')),
        compression,
        decoder: queryDecoder(query, unaryDecoder(decoderOptions(options, codec, compression))),
      };
    },
  };
}

/** 415 with the accepted content types. */
function unsupported({ method, codec }: ProtocolOptions): HttpRefusal {
  const stream = method.clientStreams || method.serverStreams ? 'connect+' : '';
  const types = ['grpc', 'grpc+proto', 'grpc-web', 'grpc-web+proto', `${stream}proto`];
  if (codec !== undefined) types.push('grpc+json', 'grpc-web+json', `${stream}json`);
  return { status: 415, headers: { 'accept-post': types.map((type) => `application/${type}`).join(', ') } };
}

function decoderOptions(
  { method, maxRequestBytes }: ProtocolOptions,
  codec: JsonCodec | undefined,
  { request }: Compression,
): DecoderOptions {
  return { method, maxBytes: maxRequestBytes, codec, compression: request };
}

function encoderOptions(
  { method, maxResponseBytes }: ProtocolOptions,
  contentType: string,
  codec: JsonCodec | undefined,
  compression: Compression['response'],
): EncoderOptions {
  return { contentType, codec, maxBytes: maxResponseBytes, compression, registry: method.messages?.registry };
}

function timeout(parse: typeof parseGrpcTimeout, value: string | undefined): number | undefined {
  const { timeoutMs, error } = parse(value ?? null, Number.POSITIVE_INFINITY);
  if (error !== undefined) throw toGatewayError(error);
  return timeoutMs;
}

function text(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}
