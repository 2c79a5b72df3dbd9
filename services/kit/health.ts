import type { Server, ServerUnaryCall, ServerWritableStream, sendUnaryData } from '@grpc/grpc-js';
import { service as healthDefinition } from 'grpc-health-check';
import { type CallContext, ServerCallContext } from './call.ts';
import type { Health } from './client.ts';
import { notFound, toRpcError } from './errors.ts';
import { toStatus } from './server.ts';

/** Answers how a service (by full name; empty for the whole server) stands. */
export type HealthCheck = (service: string, context: CallContext) => Promise<Health>;

interface Request {
  readonly service: string;
}

interface Response {
  readonly status: Health;
}

type WatchCall = ServerWritableStream<Request, Response>;

/** How often a watched service is looked at. */
const WATCH_MS = 1000;

/** grpc.health.v1 for a server: NOT_SERVING until `start` and from `stop` on; in between what the check says. */
export class HealthService {
  readonly #check: HealthCheck;
  readonly #watches = new Set<WatchCall>();
  #serving = false;

  constructor(check: HealthCheck) {
    this.#check = check;
  }

  /** From now on the check is asked. */
  start(): void {
    this.#serving = true;
  }

  /** From now on everything is NOT_SERVING. Watches are told so and end, since they would keep the server from stopping. */
  stop(): void {
    this.#serving = false;
    for (const call of this.#watches) {
      call.write({ status: 'NOT_SERVING' });
      call.end();
    }
    this.#watches.clear();
  }

  addTo(server: Server): void {
    server.addService(healthDefinition, {
      check: (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>) => {
        this.#answer(call).then(
          (answer) => callback(null, { status: answer }),
          (error: unknown) => callback(toStatus(toRpcError(error))),
        );
      },
      watch: (call: WatchCall) => this.#watch(call),
    });
  }

  async #answer(call: ServerUnaryCall<Request, Response>): Promise<Health> {
    const { service } = call.request;
    const answer = await this.#now(service, new ServerCallContext(call));
    if (answer === 'SERVICE_UNKNOWN') throw notFound('SERVICE_UNKNOWN', `there is no service ${service} here`, { service });
    return answer;
  }

  async #now(service: string, context: CallContext): Promise<Health> {
    return this.#serving ? await this.#check(service, context) : 'NOT_SERVING';
  }

  #watch(call: WatchCall): void {
    // A watch has no single request whose deadline could be passed on: it looks like a unary call to the check.
    const context = new ServerCallContext(call);
    let last: Health | undefined;
    const look = async () => {
      const health = await this.#now(call.request.service, context).catch((): Health => 'NOT_SERVING');
      if (health !== last && this.#watches.has(call)) call.write({ status: health });
      last = health;
    };
    this.#watches.add(call);
    const timer = setInterval(() => void look(), WATCH_MS);
    call.once('cancelled', () => this.#watches.delete(call));
    call.once('close', () => clearInterval(timer));
    call.once('cancelled', () => clearInterval(timer));
    void look();
  }
}
