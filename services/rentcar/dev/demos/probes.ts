import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { credentials, Metadata, status } from '@grpc/grpc-js';
import { CarServiceClient } from '#proto/rentcar/car/v1/car.ts';
import type { EdgeClient } from '../../../../dev/demos/edge-client.ts';
import { podPorts } from '../../../../dev/laptop/topology.ts';

/** Answer to a probe. */
export interface ProbeAnswer {
  /** Arrival on the clock of performance.now(), and duration of the call; milliseconds. */
  readonly at: number;
  readonly took: number;
  /** Stock was taken. */
  readonly taken: boolean;
  /** DEADLINE_EXCEEDED. */
  readonly expired: boolean;
}

/** Callers at once, and the rest of each between two calls in milliseconds. */
const CALLERS = 3;
const REST = 200;

/** More than the probes can take. */
const STOCK = 10_000;

/**
 * Callers of car that send a deadline and never hang up: only car ends their calls in time. They call car's own sidecar, as the
 * sidecars of its callers do; that one has no timeout for incoming calls. Each call takes stock for an unknown reservation id, so
 * car gives it back when its lease is over.
 */
export class Probes {
  readonly answers: ProbeAnswer[] = [];
  /** The stock that was gone at `noteTaken`. */
  noted = 0;
  readonly #edge: EdgeClient;
  readonly #carId: string;
  readonly #client: CarServiceClient;
  readonly #deadline: Metadata;
  readonly #stop = new AbortController();
  #callers: Promise<void>[] = [];

  private constructor(edge: EdgeClient, carId: string, client: CarServiceClient, deadline: number) {
    this.#edge = edge;
    this.#carId = carId;
    this.#client = client;
    this.#deadline = new Metadata();
    // As metadata: with a deadline of its own the client would end the call.
    this.#deadline.set('grpc-timeout', `${deadline}m`);
  }

  /** Registers a car for the probes. @param address pod address of the replica that they call  @param deadline milliseconds */
  static async open(edge: EdgeClient, address: string, deadline: number): Promise<Probes> {
    const { carId } = await edge.ask<{ carId: string }>('/rentcar/cars', { carName: 'DEMO deadline', qty: STOCK });
    return new Probes(edge, carId, new CarServiceClient(`${address}:${podPorts.inbound}`, credentials.createInsecure()), deadline);
  }

  /** Begins calling. */
  begin(): void {
    this.#callers = Array.from({ length: CALLERS }, () => this.#caller());
  }

  /** Ends the calling; resolves when every call has its answer. */
  async end(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#callers);
    this.#client.close();
  }

  /** Notes the stock that is gone now. */
  async noteTaken(): Promise<void> {
    this.noted = await this.taken();
  }

  /** Returns the stock that is gone. */
  async taken(): Promise<number> {
    return STOCK - (await this.#edge.ask<{ qty: number }>(`/rentcar/cars/${this.#carId}`)).qty;
  }

  async #caller(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      this.answers.push(await this.#call());
      await sleep(REST, undefined, { signal }).catch(() => undefined);
    }
  }

  #call(): Promise<ProbeAnswer> {
    const start = performance.now();
    return new Promise((resolve) => {
      this.#client.checkUpdateStock({ carId: this.#carId, reservationId: randomUUID() }, this.#deadline, (error) => {
        const at = performance.now();
        resolve({ at, took: at - start, taken: error === null, expired: error?.code === status.DEADLINE_EXCEEDED });
      });
    });
  }
}
