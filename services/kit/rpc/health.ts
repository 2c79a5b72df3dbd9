import type { Server } from '@grpc/grpc-js';
import { service as healthDefinition } from 'grpc-health-check';
import type { Logger } from '../runtime/log.ts';
import { pause } from '../runtime/waiting.ts';
import { type CallContext, endOf } from './call.ts';
import type { Health } from './client.ts';
import { notFound } from './errors.ts';
import { addService, type Method, type RequestDecoder } from './server.ts';
import { strictDecoder } from './validation.ts';

/** Returns the health of a service, by its full name; the empty name is the whole server. */
export type HealthCheck = (service: string, context: CallContext) => Promise<Health>;

interface Request {
  readonly service: string;
}

interface Response {
  readonly status: Health;
}

/** The interval between two checks of a watched service, in milliseconds. */
const WATCH_MS = 1000;

/** grpc.health.v1 for a server: NOT_SERVING until `start` and from `stop` on, in between the result of the check. */
export class HealthService {
  readonly #check: HealthCheck;
  readonly #stopped = new AbortController();
  #serving = false;

  constructor(check: HealthCheck) {
    this.#check = check;
  }

  /** Begins to use the check. */
  start(): void {
    this.#serving = true;
  }

  /** Turns every service NOT_SERVING. Watches send NOT_SERVING and end, because open watches would keep the server from stopping. */
  stop(): void {
    this.#serving = false;
    this.#stopped.abort();
  }

  addTo(server: Server, log: Logger): void {
    const handlers = {
      check: (request: Request, context: CallContext) => this.#answer(request, context),
      watch: (request: Request, context: CallContext) => this.#watch(request, context),
    };
    // `stop` ends the watches, after they have sent NOT_SERVING.
    const never = new AbortController().signal;
    addService(server, DEFINITION, handlers, { log, decoders: strictly, stop: never, spans: false });
  }

  async #answer({ service }: Request, context: CallContext): Promise<Response> {
    const health = await this.#now(service, context);
    if (health === 'SERVICE_UNKNOWN') throw notFound('SERVICE_UNKNOWN', `there is no service ${service} here`, { service });
    return { status: health };
  }

  async #now(service: string, context: CallContext): Promise<Health> {
    return this.#serving ? await this.#check(service, context) : 'NOT_SERVING';
  }

  async *#watch({ service }: Request, context: CallContext): AsyncGenerator<Response> {
    const stopped = this.#stopped.signal;
    for (let last: Health | undefined; ; ) {
      const isLast = stopped.aborted;
      const health = await this.#now(service, context).catch((): Health => 'NOT_SERVING');
      if (health !== last) yield { status: health };
      if (isLast) return;
      last = health;
      await pause(WATCH_MS, AbortSignal.any([context.signal, stopped]));
      if (endOf(context.call) !== undefined) return;
    }
  }
}

/** A method of grpc.health.v1. The library does not type its messages. */
interface HealthMethod extends Method {
  readonly requestDeserialize: (bytes: Buffer) => Request;
  readonly responseSerialize: (message: Response) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Response;
}

function method<S extends boolean>(name: string, responseStream: S): HealthMethod & { readonly responseStream: S } {
  const found = healthDefinition[name];
  if (found === undefined) throw new Error(`grpc-health-check has no ${name}`);
  // The library's (de)serializers take and give these messages.
  return { ...found, responseStream } as HealthMethod & { readonly responseStream: S };
}

const DEFINITION = { check: method('Check', false), watch: method('Watch', true) };

function strictly({ requestDeserialize }: Method): RequestDecoder {
  return strictDecoder('grpc.health.v1.HealthCheckRequest', requestDeserialize);
}
