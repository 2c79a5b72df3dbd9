import type { Logger } from '#kit/runtime/log.ts';
import { Call, type CallOptions } from './call.ts';
import { trailersOf } from './errors.ts';
import type { HttpExchange } from './http-exchange.ts';
import { type JsonCodec, jsonCodec } from './json.ts';
import type { Method } from './methods.ts';
import { type HttpRefusal, type Protocol, protocolOf } from './protocols.ts';
import type { Upstream } from './upstream.ts';

export interface GatewayOptions {
  /** Public methods by path. */
  readonly methods: ReadonlyMap<string, Method>;
  /** Whether the system of a method runs. Other methods are UNIMPLEMENTED. Default: all run. */
  readonly serves?: ((path: string) => boolean) | undefined;
  /** The upstream of public methods. */
  readonly mesh: Upstream;
  /** The upstream of all other gRPC methods: health, reflection; UNIMPLEMENTED otherwise. */
  readonly local: Upstream;
  /** Limit of a request message in bytes, before and after decompression. */
  readonly maxRequestBytes: number;
  /** Limit of a response message in bytes. Applies to unary Connect calls and to JSON; other messages are streamed. */
  readonly maxResponseBytes: number;
  readonly log: Logger;
  /** Encodes an error of the gateway as trailers. Default: with google.rpc.Status. */
  readonly errorTrailers?: CallOptions['errorTrailers'] | undefined;
}

/** Forwards gRPC, gRPC-Web and Connect calls to services as gRPC. */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #codecs = new Map<string, JsonCodec | undefined>();
  readonly #calls = new Set<Call>();
  #isDraining = false;

  constructor(options: GatewayOptions) {
    this.#options = options;
    for (const [path, method] of options.methods) this.#codecs.set(path, jsonCodec(method));
  }

  /** Handles a request if it is an RPC. @returns whether it is one */
  handle(exchange: HttpExchange): boolean {
    const { methods, serves, mesh, local } = this.#options;
    const path = pathOf(exchange.url);
    const method = serves?.(path) === false ? undefined : methods.get(path);
    if (method !== undefined) this.#forward(exchange, method, mesh);
    else if (isGrpc(exchange)) this.#forward(exchange, unknownMethod(path), local);
    else return false;
    return true;
  }

  /** Ends running and new streaming calls with UNAVAILABLE and RetryInfo, because they have no end of their own. */
  drain(): void {
    this.#isDraining = true;
    for (const call of this.#calls) if (isStreaming(call.method)) call.drain();
  }

  #forward(exchange: HttpExchange, method: Method, upstream: Upstream): void {
    const { maxRequestBytes, maxResponseBytes, log, errorTrailers = trailersOf } = this.#options;
    const protocol = protocolOf(exchange, { method, codec: this.#codecs.get(method.path), maxRequestBytes, maxResponseBytes });
    if (isHttpRefusal(protocol)) {
      exchange.respond(protocol.status, { ...protocol.headers, 'content-length': '0' });
      return;
    }
    const call = new Call(exchange, method, protocol, { upstream, log, errorTrailers });
    this.#calls.add(call);
    void call.run().finally(() => this.#calls.delete(call));
    if (this.#isDraining && isStreaming(method)) call.drain();
  }
}

/** A bidirectional stream fits every method. The local server knows the real kind. */
function unknownMethod(path: string): Method {
  return { path, host: 'local', clientStreams: true, serverStreams: true, readsOnly: false };
}

/** False for methods of the local server, which ends its own streams. */
function isStreaming({ clientStreams, serverStreams, messages }: Method): boolean {
  return messages !== undefined && (clientStreams || serverStreams);
}

function isGrpc({ method, headers, supportsTrailers }: HttpExchange): boolean {
  return method === 'POST' && supportsTrailers && /^application\/grpc($|[+;])/.test(headers['content-type'] ?? '');
}

function isHttpRefusal(protocol: Protocol | HttpRefusal): protocol is HttpRefusal {
  return 'status' in protocol;
}

function pathOf(url: string): string {
  const at = url.indexOf('?');
  return at < 0 ? url : url.slice(0, at);
}
