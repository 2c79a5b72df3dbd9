import type { IncomingHttpHeaders } from 'node:http';
import { parseContentType as parseConnect, parseTimeout as parseConnectTimeout } from '@connectrpc/connect/protocol-connect';
import { parseContentType as parseGrpc, parseTimeout as parseGrpcTimeout } from '@connectrpc/connect/protocol-grpc';
import { parseContentType as parseGrpcWeb } from '@connectrpc/connect/protocol-grpc-web';
import { type Answer, type AnswerOptions, connectStreamAnswer, connectUnaryAnswer, grpcAnswer, grpcWebAnswer } from './answers.ts';
import { type Compression, negotiate } from './compression.ts';
import { toGatewayError } from './errors.ts';
import type { Exchange } from './exchange.ts';
import { queryInlet, readQuery } from './get.ts';
import { frameInlet, type Inlet, type InletOptions, unaryInlet } from './inlets.ts';
import type { JsonCodec } from './json.ts';
import type { Method } from './methods.ts';

/** Where the front leaves the grpc-timeout of a stream, so that no sidecar on the way resets it (envoy/edge/deadline.ts). */
const HELD_TIMEOUT = 'rentmesh-timeout';

/** A call in the terms of its client's protocol. */
export interface Protocol {
  /** As OpenTelemetry names it (rpc.system.name), which has no name of its own for gRPC-Web. */
  readonly name: 'grpc' | 'grpc-web' | 'connectrpc';
  /** How the answer is told; also that of a call whose request is wrong. */
  readonly answer: (compression: Compression['response']) => Answer;
  /** Reads what the headers say. Throws RpcError. */
  readonly open: () => Opening;
}

/** What the headers of a request say. */
export interface Opening {
  /** Milliseconds until the caller's deadline, if it has one. */
  readonly timeoutMs: number | undefined;
  readonly compression: Compression;
  readonly inlet: Inlet;
}

/** Why a request is no call: answered by HTTP alone, since the client's protocol is not known. */
export interface NoCall {
  readonly status: 405 | 415 | 505;
  readonly headers: Record<string, string>;
}

/** What protocols work with. */
export interface ProtocolOptions {
  readonly method: Method;
  readonly codec: JsonCodec | undefined;
  readonly maxRequestBytes: number;
  readonly maxAnswerBytes: number;
}

/** Finds out the protocol of a request by its HTTP method and content type. */
export function protocolOf(exchange: Exchange, options: ProtocolOptions): Protocol | NoCall {
  const { method } = options;
  if (exchange.method === 'GET' && method.readsOnly) return connectGet(exchange, options);
  if (exchange.method !== 'POST') return { status: 405, headers: { allow: method.readsOnly ? 'GET, POST' : 'POST' } };
  const contentType = exchange.headers['content-type'] ?? '';
  return (
    (contentType.startsWith('application/grpc') ? grpc(exchange, options, contentType) : connect(exchange, options, contentType)) ??
    unsupported(options)
  );
}

function grpc(exchange: Exchange, options: ProtocolOptions, contentType: string): Protocol | NoCall | undefined {
  const web = parseGrpcWeb(contentType);
  const type = web ?? parseGrpc(contentType);
  if (type === undefined || web?.text === true || (!type.binary && options.codec === undefined)) return undefined;
  if (web === undefined && !exchange.hasTrailers) return { status: 505, headers: {} };
  const codec = type.binary ? undefined : options.codec;
  const { headers } = exchange;
  return {
    name: web === undefined ? 'grpc' : 'grpc-web',
    answer: (compression) =>
      (web === undefined ? grpcAnswer : grpcWebAnswer)(exchange, answerOptions(options, contentType, codec, compression)),
    open: () => {
      const compression = negotiate(text(headers, 'grpc-encoding'), text(headers, 'grpc-accept-encoding'));
      return {
        timeoutMs: timeout(parseGrpcTimeout, text(headers, 'grpc-timeout') ?? text(headers, HELD_TIMEOUT)),
        compression,
        inlet: frameInlet(inletOptions(options, codec, compression)),
      };
    },
  };
}

function connect(exchange: Exchange, options: ProtocolOptions, contentType: string): Protocol | undefined {
  const { method } = options;
  const type = parseConnect(contentType);
  if (type === undefined || type.stream !== (method.clientStreams || method.serverStreams)) return undefined;
  if (!type.binary && options.codec === undefined) return undefined;
  const codec = type.binary ? undefined : options.codec;
  const { headers } = exchange;
  const prefix = type.stream ? 'connect-' : '';
  const makeAnswer = type.stream ? connectStreamAnswer : connectUnaryAnswer;
  const makeInlet = type.stream ? frameInlet : unaryInlet;
  const answerType = `application/${type.stream ? 'connect+' : ''}${type.binary ? 'proto' : 'json'}`;
  return {
    name: 'connectrpc',
    answer: (compression) => makeAnswer(exchange, answerOptions(options, answerType, codec, compression)),
    open: () => {
      const compression = negotiate(text(headers, `${prefix}content-encoding`), text(headers, `${prefix}accept-encoding`));
      return {
        timeoutMs: timeout(parseConnectTimeout, text(headers, 'connect-timeout-ms')),
        compression,
        inlet: makeInlet(inletOptions(options, codec, compression)),
      };
    },
  };
}

function connectGet(exchange: Exchange, options: ProtocolOptions): Protocol | NoCall {
  const query = readQuery(exchange.url);
  if (query === undefined || (query.encoding === 'json' && options.codec === undefined)) return unsupported(options);
  const codec = query.encoding === 'json' ? options.codec : undefined;
  const { headers } = exchange;
  return {
    name: 'connectrpc',
    answer: (compression) => connectUnaryAnswer(exchange, answerOptions(options, `application/${query.encoding}`, codec, compression)),
    open: () => {
      const compression = negotiate(query.compression, text(headers, 'accept-encoding'));
      return {
        timeoutMs: timeout(parseConnectTimeout, text(headers, 'connect-timeout-ms')),
        compression,
        inlet: queryInlet(query, unaryInlet(inletOptions(options, codec, compression))),
      };
    },
  };
}

/** 415, saying what a client can send instead. */
function unsupported({ method, codec }: ProtocolOptions): NoCall {
  const stream = method.clientStreams || method.serverStreams ? 'connect+' : '';
  const types = ['grpc', 'grpc+proto', 'grpc-web', 'grpc-web+proto', `${stream}proto`];
  if (codec !== undefined) types.push('grpc+json', 'grpc-web+json', `${stream}json`);
  return { status: 415, headers: { 'accept-post': types.map((type) => `application/${type}`).join(', ') } };
}

function inletOptions({ method, maxRequestBytes }: ProtocolOptions, codec: JsonCodec | undefined, { request }: Compression): InletOptions {
  return { method, maxBytes: maxRequestBytes, codec, compression: request };
}

function answerOptions(
  { method, maxAnswerBytes }: ProtocolOptions,
  contentType: string,
  codec: JsonCodec | undefined,
  compression: Compression['response'],
): AnswerOptions {
  return { contentType, codec, maxBytes: maxAnswerBytes, compression, registry: method.messages?.registry };
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
