import type { RpcError } from '#kit/rpc/errors.ts';
import { createLogger } from '#kit/runtime/log.ts';
import { createListener } from '../../services/gateway/listener.ts';
import { type Trailers, trailersOf } from '../../services/gateway/rpc/errors.ts';
import { Gateway } from '../../services/gateway/rpc/gateway.ts';
import { methodsOf } from '../../services/gateway/rpc/methods.ts';
import { meshUpstream, type Upstream } from '../../services/gateway/rpc/upstream.ts';
import { suiteImage } from './contracts.ts';
import { ConformanceService } from './service.ts';

/** The largest request of a server that the runner wants to have a limit; it always asks for this one. */
export const LIMIT = 200 * 1024;

/** The gateway's own default. */
export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024;

const HOST = '127.0.0.1';

/** What is tested: the ports of a server with the usual limit and of one with LIMIT. */
export interface Target {
  readonly port: number;
  readonly limitedPort: number;
}

/** The grpc-js service alone. */
export async function serviceTarget(): Promise<Target> {
  return { port: await new ConformanceService(0).listen(HOST), limitedPort: await new ConformanceService(LIMIT).listen(HOST) };
}

/** A gateway in front of the grpc-js service. */
export async function gatewayTarget(): Promise<Target> {
  const service = await new ConformanceService(0).listen(HOST);
  // A compressed message that is passed on as it is has its full size only in the service, which has the same limit.
  const limited = await new ConformanceService(LIMIT).listen(HOST);
  return { port: await openGateway(service, MAX_MESSAGE_BYTES), limitedPort: await openGateway(limited, LIMIT) };
}

async function openGateway(service: number, maxRequestBytes: number): Promise<number> {
  const mesh = meshUpstream(undefined);
  const methods = methodsOf(suiteImage(), () => `${HOST}:${service}`);
  // As the server behind the gateway does, the service says what it does not know.
  const local: Upstream = { open: (_host, path, headers) => mesh.open(`${HOST}:${service}`, path, headers), close: () => undefined };
  const gateway = new Gateway({
    methods,
    mesh,
    local,
    maxRequestBytes,
    maxResponseBytes: MAX_MESSAGE_BYTES,
    log: createLogger('conformance', 'warn'),
    errorTrailers: withoutDetails,
  });
  const opened = createListener((exchange) => {
    if (!gateway.handle(exchange)) exchange.respond(404, {});
  });
  return await opened.listen(HOST, 0);
}

/** The suite counts the details of errors, and wants none in those that a server makes of itself; the gateway's have a google.rpc.ErrorInfo. */
export function withoutDetails(error: RpcError): Trailers {
  const { 'grpc-status-details-bin': _details, ...trailers } = trailersOf(error);
  return trailers;
}
