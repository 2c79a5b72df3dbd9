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

/** What happens to one call: it waits, and then is answered with the error if there is one, or handled and, for `reset`, cut off. */
interface Fault {
  readonly delayMs: number;
  readonly error: RpcError | undefined;
  readonly reset: boolean;
}

/** What is never faulted: health and reflection, by which a process is judged, and the service that ends the faults. */
const SPARED = ['/grpc.', '/rentmesh.fault.'];

function spared(path: string): boolean {
  return SPARED.some((prefix) => path.startsWith(prefix));
}

/**
 * Faults of a server, switched at run time by rentmesh.fault.v1.FaultService. A callee that is slow or wrong by itself is what the mesh's
 * timeouts, retries and breakers are for; Istio's own faults act in the caller's sidecar, before all of these.
 */
export class FaultInjection {
  readonly #log: Logger;
  readonly #random: () => number;
  readonly #methods = new Set<string>();
  #faults = FaultsMessage.fromPartial({});
  /** Whether the faults can affect any call. */
  #isActive = false;

  /** `random` draws lots: from 0 up to, but not including, 1. */
  constructor(log: Logger, random: () => number = Math.random) {
    this.#log = log;
    this.#random = random;
  }

  /** Makes the methods of a service known, so that faults can name them. */
  offers(definition: Definition): void {
    for (const { path } of Object.values(definition)) if (!spared(path)) this.#methods.add(path.slice(1));
  }

  /** The answers of FaultService. */
  readonly handlers: Handlers<typeof FaultServiceService> = {
    getFaults: async () => ({ faults: { ...this.#faults, failpoints: armedFailpoints() } }),
    setFaults: async ({ faults }) => ({ faults: this.#set(faults ?? FaultsMessage.fromPartial({})) }),
  };

  /** The interceptor of the server. Hands a call through as it is unless a fault is set. */
  readonly interceptor: ServerInterceptor = ({ path }, call) => {
    // grpc-js uses the result only by the interface that `call` has; its type asks for the class.
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
  const [reason, message] = ['FAULT_INJECTED', 'the fault settings of the service ask for this error'];
  if (code === 0 || code === status.UNAVAILABLE) return unavailable(reason, message);
  return new RpcError(code, reason, message);
}

/** Holds a call back before its handler is asked. A call that ends meanwhile, cancelled or expired, goes no further. */
function delaying(milliseconds: number, proceed: (next: () => void) => void): ServerListener {
  let timer: NodeJS.Timeout | undefined;
  return {
    // The end of a unary request: grpc-js asks the handler next.
    onReceiveHalfClose: (next) => {
      timer = setTimeout(() => proceed(next), milliseconds);
    },
    onCancel: () => clearTimeout(timer),
  };
}

/** Resets the stream of a call instead of sending what its handler answers. */
function resetting(call: ServerInterceptingCallInterface): Responder {
  const reset = () => streamOf(call).close(constants.NGHTTP2_INTERNAL_ERROR);
  return { sendMetadata: reset, sendStatus: reset };
}

interface Resettable {
  close(code: number): void;
}

/** The HTTP/2 stream of a call. grpc-js 1.14 offers no way to reset one; what it hands to the first interceptor holds it as `stream`. */
function streamOf(call: ServerInterceptingCallInterface): Resettable {
  const stream: unknown = 'stream' in call ? call.stream : undefined;
  if (typeof stream === 'object' && stream !== null && 'close' in stream && typeof stream.close === 'function') {
    // An http2.ServerHttp2Stream, by the check as far as it is used.
    return stream as Resettable;
  }
  throw new Error('this version of grpc-js does not hold the HTTP/2 stream of a call where it is looked for');
}
