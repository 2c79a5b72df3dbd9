import type { Duplex } from 'node:stream';
import type { Entrance } from '#kit/runtime/app.ts';
import type { Logger } from '#kit/runtime/log.ts';
import { within } from '#kit/runtime/waiting.ts';
import { type Door, door } from './door.ts';
import type { Exchange } from './rpc/exchange.ts';
import { Gateway, type GatewayOptions } from './rpc/gateway.ts';
import type { Method } from './rpc/methods.ts';
import { localUpstream, meshUpstream, type Upstream } from './rpc/upstream.ts';

/** What the gateway's entrance serves. */
export interface EntranceOptions {
  readonly methods: ReadonlyMap<string, Method>;
  /** The sidecar's outbound listener, host:port; without it services are dialled by their mesh hosts. */
  readonly proxy: string | undefined;
  /** The largest messages, in bytes (GatewayOptions). */
  readonly maxRequestBytes: number;
  readonly maxAnswerBytes: number;
  /** Answers what is no call; false for what it does not know. */
  readonly pages: (exchange: Exchange) => boolean;
  readonly log: Logger;
  /** Puts an error of the gateway's own into trailers (GatewayOptions). */
  readonly tell?: GatewayOptions['tell'];
}

/** Everything on one port: calls in three protocols, health and reflection of the server behind, and pages. */
export class GatewayEntrance implements Entrance {
  readonly #options: EntranceOptions;
  readonly #mesh: Upstream;
  #running: { readonly gateway: Gateway; readonly door: Door; readonly local: Upstream } | undefined;

  constructor(options: EntranceOptions) {
    this.#options = options;
    this.#mesh = meshUpstream(options.proxy);
  }

  async listen(address: string, connect: () => Duplex): Promise<void> {
    const { pages } = this.#options;
    const local = localUpstream(connect);
    const gateway = new Gateway({ ...this.#options, mesh: this.#mesh, local });
    const opened = door((exchange) => {
      if (!gateway.take(exchange) && !pages(exchange)) exchange.answer(404, { 'content-length': '0' });
    });
    this.#running = { gateway, door: opened, local };
    const at = address.lastIndexOf(':');
    await opened.listen(address.slice(0, at).replace(/^\[(.*)\]$/, '$1'), Number(address.slice(at + 1)));
  }

  async stop(graceMs: number): Promise<void> {
    if (this.#running === undefined) return;
    const { gateway, door: opened, local } = this.#running;
    gateway.drain();
    if (!(await within(graceMs, opened.close()))) {
      this.#options.log.warn('cutting off the calls that did not finish in time');
      opened.cut();
    }
    local.close();
    this.#mesh.close();
  }
}
