import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** How a call ended, as its caller sees it. */
export type Outcome =
  /** The car is reserved. */
  | 'reserved'
  /** UNAVAILABLE after waiting for the whole timeout of the call to car. */
  | 'expired'
  /** UNAVAILABLE before that: an open circuit, a full pool. */
  | 'refused'
  /** Anything else, which no demonstration expects. */
  | 'unexpected';

/** One answer that a user got. */
export interface Answer {
  readonly outcome: Outcome;
  /** When the request was sent and how long its answer took; milliseconds, on the clock of performance.now(). */
  readonly start: number;
  readonly took: number;
  /** Whether it says when to try again. */
  readonly retryAfter: boolean;
  /** Status and body, where it is unexpected. */
  readonly text: string;
}

/** What came back from the edge. */
interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Milliseconds after which an answer is not coming any more: longer than every timeout of the policies. */
const PATIENCE = 10_000;

/** A door of the system: REST at the edge, on connections that are kept. */
export class Edge {
  readonly url: string;
  readonly #agent = new Agent({ keepAlive: true });

  /** @param url `http://127.0.0.1:8088` */
  constructor(url: string) {
    this.url = url;
  }

  /** One request; a body makes it a POST. Rejects only if there is no answer. */
  send(path: string, body?: object): Promise<Reply> {
    const content = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const outgoing = request(`${this.url}${path}`, {
        method: content === undefined ? 'GET' : 'POST',
        agent: this.#agent,
        timeout: PATIENCE,
        headers: content === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(content) },
      });
      outgoing.on('timeout', () => outgoing.destroy(new Error(`${path} got no answer within ${PATIENCE / 1000} s`)));
      outgoing.on('error', reject);
      outgoing.on('response', (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
      });
      outgoing.end(content);
    });
  }

  /** As send, for what has to succeed. The caller names the message that it asks for. */
  async ask<T>(path: string, body?: object): Promise<T> {
    const reply = await this.send(path, body);
    if (reply.status !== 200) throw new Error(`${path} answered ${reply.status}: ${reply.body}`);
    return JSON.parse(reply.body) as T;
  }

  /** Closes the connections. */
  close(): void {
    this.#agent.destroy();
  }
}

/** What users do. */
export interface Habit {
  readonly users: number;
  readonly carId: string;
  readonly userId: string;
  /** Milliseconds that a user rests after each answer, on average: half of it at least, half as much again at most, so that users do not march in step. */
  readonly rest: number;
  /** The timeout of the call to car in milliseconds: UNAVAILABLE after this long is `expired`. */
  readonly timeout: number;
}

/** Users who reserve a car, each again and again, one request at a time. */
export class Load {
  /** Every answer so far, in the order in which they came. */
  readonly answers: Answer[] = [];
  readonly #edge: Edge;
  readonly #habit: Habit;
  readonly #stop = new AbortController();
  readonly #users: Promise<void>[];

  constructor(edge: Edge, habit: Habit) {
    this.#edge = edge;
    this.#habit = habit;
    this.#users = Array.from({ length: habit.users }, () => this.#user());
  }

  /** Ends the load; resolves when every user has the answer that it waits for. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#users);
  }

  async #user(): Promise<void> {
    const { rest } = this.#habit;
    const { signal } = this.#stop;
    await this.#pause(Math.random() * rest);
    while (!signal.aborted) {
      this.answers.push(await this.#reserve());
      await this.#pause((0.5 + Math.random()) * rest);
    }
  }

  /** A rest that the end of the load cuts short. */
  async #pause(milliseconds: number): Promise<void> {
    await sleep(milliseconds, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }

  async #reserve(): Promise<Answer> {
    const { carId, userId, timeout } = this.#habit;
    const start = performance.now();
    try {
      const { status, headers, body } = await this.#edge.send('/reservations', { carId, userId });
      const took = performance.now() - start;
      const outcome = status === 200 ? 'reserved' : status !== 503 ? 'unexpected' : took < timeout ? 'refused' : 'expired';
      const text = outcome === 'unexpected' ? `${status} ${body}` : '';
      return { outcome, start, took, retryAfter: headers['retry-after'] !== undefined, text };
    } catch (error) {
      return { outcome: 'unexpected', start, took: performance.now() - start, retryAfter: false, text: String(error) };
    }
  }
}
