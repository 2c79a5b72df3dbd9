import type { Logger } from '#kit/runtime/log.ts';
import { Call, type CallOptions } from './call.ts';
import { trailersOf } from './errors.ts';
import type { Exchange } from './exchange.ts';
import { type JsonCodec, jsonCodec } from './json.ts';
import type { Method } from './methods.ts';
import { type NoCall, type Protocol, protocolOf } from './protocols.ts';
import type { Upstream } from './upstream.ts';

/** What a gateway is made of. */
export interface GatewayOptions {
  /** The methods that it serves, by their paths. */
  readonly methods: ReadonlyMap<string, Method>;
  /** Where their services are reached. */
  readonly mesh: Upstream;
  /** Answers gRPC calls of all other methods: health, reflection, or that there is no such method. */
  readonly local: Upstream;
  /** The largest message of a request in bytes; compressed or not, as JSON or in binary form. */
  readonly maxRequestBytes: number;
  /** The largest message of an answer in bytes, where it has to be kept as a whole: that of a Connect call, and where it becomes JSON. */
  readonly maxAnswerBytes: number;
  readonly log: Logger;
  /** Puts an error of the gateway's own into trailers; with a google.rpc.Status where nothing else is said. */
  readonly tell?: CallOptions['tell'] | undefined;
}

/** Passes calls on: gRPC, gRPC-Web and Connect from clients, gRPC to services. */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #codecs = new Map<string, JsonCodec | undefined>();
  readonly #calls = new Set<Call>();
  #isDraining = false;

  constructor(options: GatewayOptions) {
    this.#options = options;
    for (const [path, method] of options.methods) this.#codecs.set(path, jsonCodec(method));
  }

  /** Whether a request is a call of a method here. Then it is answered; else nothing is done. */
  take(exchange: Exchange): boolean {
    const { methods, mesh, local } = this.#options;
    const path = pathOf(exchange.url);
    const method = methods.get(path);
    if (method !== undefined) this.#answer(exchange, method, mesh);
    else if (isGrpc(exchange)) this.#answer(exchange, unknownMethod(path), local);
    else return false;
    return true;
  }

  /** From now on calls of streaming methods end at once with UNAVAILABLE and when to call again: they could last for ever. */
  drain(): void {
    this.#isDraining = true;
    for (const call of this.#calls) if (isStreaming(call.method)) call.drain();
  }

  #answer(exchange: Exchange, method: Method, upstream: Upstream): void {
    const { maxRequestBytes, maxAnswerBytes, log, tell = trailersOf } = this.#options;
    const protocol = protocolOf(exchange, { method, codec: this.#codecs.get(method.path), maxRequestBytes, maxAnswerBytes });
    if (isNoCall(protocol)) {
      exchange.answer(protocol.status, { ...protocol.headers, 'content-length': '0' });
      return;
    }
    const call = new Call(exchange, method, protocol, { upstream, log, tell });
    this.#calls.add(call);
    void call.run().finally(() => this.#calls.delete(call));
    if (this.#isDraining && isStreaming(method)) call.drain();
  }
}

/** Any number of messages in both directions: what the method really takes is known where it is answered. */
function unknownMethod(path: string): Method {
  return { path, host: 'local', clientStreams: true, serverStreams: true, readsOnly: false };
}

/** Whether a method's calls end by themselves: of those that are answered in this process the server says it. */
function isStreaming({ clientStreams, serverStreams, messages }: Method): boolean {
  return messages !== undefined && (clientStreams || serverStreams);
}

function isGrpc({ method, headers, hasTrailers }: Exchange): boolean {
  return method === 'POST' && hasTrailers && /^application\/grpc($|[+;])/.test(headers['content-type'] ?? '');
}

function isNoCall(protocol: Protocol | NoCall): protocol is NoCall {
  return 'status' in protocol;
}

function pathOf(url: string): string {
  const at = url.indexOf('?');
  return at < 0 ? url : url.slice(0, at);
}
