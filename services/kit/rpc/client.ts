import { Client as Channel, credentials, type Metadata, Metadata as MetadataClass } from '@grpc/grpc-js';
import { service as healthDefinition } from 'grpc-health-check';
import { inCallSpan, SpanKind, traceHeaders } from '../runtime/telemetry.ts';
import { endOf } from './call.ts';
import type { CallContext, Definition, Method, Req, Res } from './server.ts';

/**
 * A peer's methods as promises. They propagate the deadline, the cancellation and the trace of the incoming call, and reject with
 * RpcError.
 */
export type Client<D> = { readonly [M in keyof D]: (request: Req<D[M]>, context: CallContext) => Promise<Res<D[M]>> };

/** The health of a service, by the names of grpc.health.v1. */
export type Health = 'SERVING' | 'NOT_SERVING' | 'SERVICE_UNKNOWN';

/** Clients of peers in the mesh, with one channel per peer. */
export class Peers {
  readonly #proxy: string | undefined;
  readonly #channels = new Map<string, Channel>();

  /** `proxy`: the sidecar's outbound listener that every channel dials; without it the peer's mesh host is dialled. */
  constructor(proxy: string | undefined) {
    this.#proxy = proxy;
  }

  /** Returns the client of a service, which has its mesh name as its address. */
  client<D extends Definition>(definition: D): Client<D> {
    const calls = Object.entries(definition).map(([name, method]) => [name, this.#method(method)]);
    // One entry for each method of the definition, made of that method's own messages.
    return Object.fromEntries(calls) as Client<D>;
  }

  /** Checks the health of the workload that serves a service (by full name). Rejects with RpcError if it cannot be reached. */
  async health(service: string, context: CallContext): Promise<Health> {
    const { path, requestSerialize, responseDeserialize } = HEALTH_CHECK;
    const call = this.#caller(meshHost(service), path);
    // The library gives the messages of grpc.health.v1 no type of their own.
    const { status } = responseDeserialize(await call(requestSerialize({ service }), context)) as { status: string };
    return status === 'SERVING' || status === 'SERVICE_UNKNOWN' ? status : 'NOT_SERVING';
  }

  /** Closes all channels. */
  close(): void {
    for (const channel of this.#channels.values()) channel.close();
  }

  #method(method: Method): (request: never, context: CallContext) => Promise<unknown> {
    const [, service = ''] = method.path.split('/');
    const call = this.#caller(meshHost(service), method.path);
    return async (request, context) => method.responseDeserialize(await call(method.requestSerialize(request), context));
  }

  #caller(host: string, path: string): (request: Buffer, context: CallContext) => Promise<Buffer> {
    const [server = '', port] = host.split(':');
    const rpc = path.slice(1);
    const attributes = { 'rpc.system.name': 'grpc', 'rpc.method': rpc, 'server.address': server, 'server.port': Number(port) };
    const options = { kind: SpanKind.CLIENT, attributes };
    return (request, context) =>
      inCallSpan(rpc, options, async () => {
        // grpc-js follows `parent` from here on only: an earlier end would go unnoticed.
        const end = endOf(context.call);
        if (end !== undefined) throw end;
        return await unary(this.#channel(host), path, request, outgoing(context.metadata), context);
      });
  }

  #channel(host: string): Channel {
    const existing = this.#channels.get(host);
    if (existing !== undefined) return existing;
    const channel = new Channel(this.#proxy ?? host, credentials.createInsecure(), {
      'grpc.default_authority': host,
      // Retries belong to the mesh. DNS records must not configure them either.
      'grpc.enable_retries': 0,
      'grpc.service_config_disable_resolution': 1,
      'grpc.enable_channelz': 0,
      // Reconnect quickly to a restarted sidecar. In milliseconds.
      'grpc.initial_reconnect_backoff_ms': 100,
      'grpc.max_reconnect_backoff_ms': 1000,
    });
    this.#channels.set(host, channel);
    return channel;
  }
}

/** First label of a host name, as Kubernetes names Services. */
const HOST_LABEL = /^[a-z]([-a-z0-9]*[a-z0-9])?$/;

/**
 * The mesh host of a service: `shop.order.v1.OrderService` is served by `order.shop.svc.cluster.local:50051`. The variable
 * `ORDER_HOST` replaces its first label, for a service that is deployed under another name.
 *
 * @throws Error for a service whose package has another form, or a variable that is no host label
 */
export function meshHost(service: string, env: Readonly<Record<string, string | undefined>> = process.env): string {
  const match = /^([a-z][a-z0-9_]*)\.([a-z][a-z0-9_]*)\.v\d+[a-z0-9]*\.\w+$/.exec(service);
  if (match === null) throw new Error(`${service} is not a service of a package <system>.<service>.v<number>`);
  const [, system, name = ''] = match;
  const variable = `${name.toUpperCase()}_HOST`;
  const label = env[variable] ?? '';
  if (label !== '' && !HOST_LABEL.test(label)) throw new Error(`${variable}: "${label}" is not the first label of a host name`);
  return `${label || name}.${system}.svc.cluster.local:50051`;
}

function unary(channel: Channel, path: string, request: Buffer, metadata: Metadata, { call }: CallContext): Promise<Buffer> {
  const same = (bytes: Buffer) => bytes;
  return new Promise((resolve, reject) => {
    channel.makeUnaryRequest(path, same, same, request, metadata, { parent: call }, (error, response) => {
      if (error !== null) reject(error);
      else if (response === undefined) reject(new Error(`${path} answered nothing`));
      else resolve(response);
    });
  });
}

/** Returns the headers of an outgoing call: the trace, and the request id of Envoy's logs and traces. */
function outgoing(incoming: Metadata): Metadata {
  const metadata = new MetadataClass();
  for (const [key, value] of Object.entries(traceHeaders())) metadata.set(key, value);
  const [requestId] = incoming.get('x-request-id');
  if (requestId !== undefined) metadata.set('x-request-id', requestId);
  return metadata;
}

const HEALTH_CHECK = check();

function check() {
  const method = healthDefinition.Check;
  if (method === undefined) throw new Error('grpc-health-check has no Check');
  return method;
}
