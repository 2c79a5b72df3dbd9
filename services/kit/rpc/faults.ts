import { constants } from 'node:http2';
import {
  type Responder,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
  type ServerListener,
  status,
} from '@grpc/grpc-js';
import { type FaultServiceService, Faults as FaultsMessage } from '#proto/rentmesh/fault/v1/fault.ts';
import { armedFailpoints, armFailpoints, failpointNames } from '../runtime/failpoints.ts';
import type { Logger } from '../runtime/log.ts';
import { invalidArgument, RpcError, unavailable } from './errors.ts';
import { type Definition, type Handlers, toStatus } from './server.ts';

export type { Faults as FaultsMessage } from '#proto/rentmesh/fault/v1/fault.ts';

/** The fault of one call: a delay, then an error, or the handler and, for `reset`, a reset of the stream. */
interface Fault {
  readonly delayMs: number;
  readonly error: RpcError | undefined;
  readonly reset: boolean;
}

/** Services without faults: health, reflection, and the service that sets the faults. */
const SPARED = ['/grpc.', '/rentmesh.fault.'];

function spared(path: string): boolean {
  return SPARED.some((prefix) => path.startsWith(prefix));
}

/**
 * Faults of a server, set at run time by rentmesh.fault.v1.FaultService. Timeouts, retries and breakers of the mesh apply to them.
 * They do not apply to Istio's own faults, which act in the caller's sidecar before the router.
 */
export class FaultInjection {
  readonly #log: Logger;
  readonly #random: () => number;
  readonly #methods = new Set<string>();
  #faults = FaultsMessage.fromPartial({});
  /** Whether the faults can affect any call. */
  #isActive = false;

  /** `random`: returns a number from 0 up to, but not including, 1. */
  constructor(log: Logger, random: () => number = Math.random) {
    this.#log = log;
    this.#random = random;
  }

  /** Registers the methods of a service, so that faults can name them. */
  offers(definition: Definition): void {
    for (const { path } of Object.values(definition)) if (!spared(path)) this.#methods.add(path.slice(1));
  }

  /** The handlers of FaultService. */
  readonly handlers: Handlers<typeof FaultServiceService> = {
    getFaults: async () => ({ faults: { ...this.#faults, failpoints: armedFailpoints() } }),
    setFaults: async ({ faults }) => ({ faults: this.#set(faults ?? FaultsMessage.fromPartial({})) }),
  };

  /** The interceptor of the server. Passes calls through unless a fault is set. */
  readonly interceptor: ServerInterceptor = ({ path }, call) => {
    // grpc-js uses only the interface of `call`. Its type requires the class.
    if (!this.#isActive) return call as ServerInterceptingCall;
    const { delayMs, error, reset } = this.#draw(path);
    const responder = reset ? resetting(call) : {};
    if (delayMs === 0 && error === undefined) return new ServerInterceptingCall(call, responder);
    const proceed = (next: () => void) => (error === undefined ? next() : call.sendStatus(toStatus(error)));
    return new ServerInterceptingCall(call, { ...responder, start: (next) => next(delaying(delayMs, proceed)) });
  };

  #draw(path: string): Fault {
    const { methods, delayMsMin, delayMsMax, errorRate, errorCode, resetRate } = this.#faults;
    if (spared(path) || (methods.length > 0 && !methods.includes(path.slice(1)))) return { delayMs: 0, error: undefined, reset: false };
    const lot = this.#random();
    return {
      delayMs: delayMsMin + this.#random() * (delayMsMax - delayMsMin),
      error: lot < errorRate ? injectedError(errorCode) : undefined,
      reset: lot >= errorRate && lot < errorRate + resetRate,
    };
  }

  #set(faults: FaultsMessage): FaultsMessage {
    for (const [index, method] of faults.methods.entries()) {
      if (!this.#methods.has(method)) {
        throw invalidArgument(`faults.methods[${index}]`, `must be one of ${[...this.#methods].toSorted().join(', ')}`);
      }
    }
    const names = failpointNames();
    for (const [index, { name }] of faults.failpoints.entries()) {
      if (!names.includes(name)) throw invalidArgument(`faults.failpoints[${index}].name`, `must be one of ${names.join(', ')}`);
    }
    if (faults.delayMsMax < faults.delayMsMin) throw invalidArgument('faults.delayMsMax', 'must not be below delayMsMin');
    if (faults.errorRate + faults.resetRate > 1) throw invalidArgument('faults.resetRate', 'must be at most 1 together with errorRate');
    this.#faults = faults;
    this.#isActive = faults.delayMsMax > 0 || faults.errorRate > 0 || faults.resetRate > 0;
    armFailpoints(faults.failpoints);
    this.#log.warn({ faults }, 'the faults of this process were set');
    return faults;
  }
}

function injectedError(code: number): RpcError {
  const [reason, message] = ['FAULT_INJECTED', 'this error comes from the fault settings of the service'];
  if (code === 0 || code === status.UNAVAILABLE) return unavailable(reason, message);
  return new RpcError(code, reason, message);
}

/** Delays a call before its handler. A call that is cancelled or expires meanwhile does not reach the handler. */
function delaying(milliseconds: number, proceed: (next: () => void) => void): ServerListener {
  let timer: NodeJS.Timeout | undefined;
  return {
    // The end of a unary request. grpc-js calls the handler next.
    onReceiveHalfClose: (next) => {
      timer = setTimeout(() => proceed(next), milliseconds);
    },
    onCancel: () => clearTimeout(timer),
  };
}

/** Resets the stream of a call instead of sending the answer of its handler. */
function resetting(call: ServerInterceptingCallInterface): Responder {
  const reset = () => streamOf(call).close(constants.NGHTTP2_INTERNAL_ERROR);
  return { sendMetadata: reset, sendStatus: reset };
}

interface Resettable {
  close(code: number): void;
}

/** Returns the HTTP/2 stream of a call. grpc-js 1.14 has no API for it; the call of the first interceptor has it as `stream`. */
function streamOf(call: ServerInterceptingCallInterface): Resettable {
  const stream: unknown = 'stream' in call ? call.stream : undefined;
  if (typeof stream === 'object' && stream !== null && 'close' in stream && typeof stream.close === 'function') {
    // An http2.ServerHttp2Stream, by the check as far as it is used.
    return stream as Resettable;
  }
  throw new Error('this version of grpc-js does not hold the HTTP/2 stream of a call where it is looked for');
}
