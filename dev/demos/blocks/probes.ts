import { setTimeout as sleep } from 'node:timers/promises';
import { Client, credentials, Metadata, status } from '@grpc/grpc-js';
import { podPorts } from '../../laptop/topology.ts';

/** Data that probes work on, apart from those of the users. */
export interface ProbedWork {
  /** Returns the next request, encoded. The callee takes something for each. */
  readonly request: () => Uint8Array;
  /** Counts what the callee has taken. */
  readonly countTaken: () => Promise<number>;
}

/** Answer to a probe. */
export interface ProbeAnswer {
  /** Arrival on the clock of performance.now(), and duration of the call; milliseconds. */
  readonly at: number;
  readonly took: number;
  readonly isOk: boolean;
  /** DEADLINE_EXCEEDED. */
  readonly isExpired: boolean;
}

/** Callers at once, and the rest of each between two calls in milliseconds. */
const CALLERS = 3;
const REST_MS = 200;

/**
 * Callers that send a deadline and never hang up: only the callee ends their calls in time. They call the callee's own sidecar, as
 * the sidecars of its callers do; that one has no timeout for incoming calls.
 */
export class Probes {
  readonly answers: ProbeAnswer[] = [];
  readonly countTaken: () => Promise<number>;
  readonly #address: string;
  readonly #path: string;
  readonly #request: () => Uint8Array;
  readonly #deadline = new Metadata();

  /** @param address pod address of a replica @param method full name of the method @param deadlineMs milliseconds */
  constructor(address: string, method: string, { request, countTaken }: ProbedWork, deadlineMs: number) {
    this.countTaken = countTaken;
    this.#address = `${address}:${podPorts.inbound}`;
    this.#path = `/${method}`;
    this.#request = request;
    // As metadata: with a deadline of its own the client would end the call.
    this.#deadline.set('grpc-timeout', `${deadlineMs}m`);
  }

  /** Calls until a phase is over; resolves when every call has its answer. */
  async callUntil(over: Promise<void>): Promise<void> {
    const client = new Client(this.#address, credentials.createInsecure());
    const end = new AbortController();
    const ended = over.finally(() => end.abort()).catch(() => undefined);
    await Promise.all([ended, ...Array.from({ length: CALLERS }, () => this.#caller(client, end.signal))]);
    client.close();
  }

  async #caller(client: Client, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.answers.push(await this.#call(client));
      await sleep(REST_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  #call(client: Client): Promise<ProbeAnswer> {
    const start = performance.now();
    const [encode, decode] = [(bytes: Uint8Array) => Buffer.from(bytes), (bytes: Buffer) => bytes];
    return new Promise((resolve) => {
      client.makeUnaryRequest(this.#path, encode, decode, this.#request(), this.#deadline, (error) => {
        const at = performance.now();
        resolve({ at, took: at - start, isOk: error === null, isExpired: error?.code === status.DEADLINE_EXCEEDED });
      });
    });
  }
}
