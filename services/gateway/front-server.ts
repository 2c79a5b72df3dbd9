import type { Duplex } from 'node:stream';
import type { FrontServer } from '#kit/runtime/app.ts';
import { within } from '#kit/runtime/waiting.ts';
import { createListener, type Listener } from './listener.ts';
import { Gateway, type GatewayOptions } from './rpc/gateway.ts';
import type { HttpExchange } from './rpc/http-exchange.ts';
import { localUpstream, meshUpstream, type Upstream } from './rpc/upstream.ts';

export interface GatewayServerOptions extends Omit<GatewayOptions, 'mesh' | 'local'> {
  /** The sidecar's outbound listener, host:port. Undefined: services are dialled by their mesh hosts. */
  readonly proxy: string | undefined;
  /** Handles requests that are no RPC. Returns false for an unknown path. */
  readonly pages: (exchange: HttpExchange) => boolean;
}

/** Serves RPCs in three protocols, health, reflection, and pages on one port. */
export class GatewayServer implements FrontServer {
  readonly #options: GatewayServerOptions;
  readonly #mesh: Upstream;
  #running: { readonly gateway: Gateway; readonly listener: Listener; readonly local: Upstream } | undefined;

  constructor(options: GatewayServerOptions) {
    this.#options = options;
    this.#mesh = meshUpstream(options.proxy);
  }

  async listen(address: string, connect: () => Duplex): Promise<void> {
    const { pages } = this.#options;
    const local = localUpstream(connect);
    const gateway = new Gateway({ ...this.#options, mesh: this.#mesh, local });
    const listener = createListener((exchange) => {
      if (!gateway.handle(exchange) && !pages(exchange)) exchange.respond(404, { 'content-length': '0' });
    });
    this.#running = { gateway, listener, local };
    const at = address.lastIndexOf(':');
    await listener.listen(address.slice(0, at).replace(/^\[(.*)\]$/, '$1'), Number(address.slice(at + 1)));
  }

  async stop(graceMs: number): Promise<void> {
    if (this.#running === undefined) return;
    const { gateway, listener, local } = this.#running;
    gateway.drain();
    if (!(await within(graceMs, listener.close()))) {
      this.#options.log.warn('grace period is over, cancelling the remaining calls');
      listener.destroy();
    }
    local.close();
    this.#mesh.close();
  }
}
