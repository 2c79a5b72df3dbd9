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
  /** Seconds after which it says to try again; 0 if it does not say. */
  readonly retryAfter: number;
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
  send(path: string, body?: object, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    const content = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const outgoing = request(`${this.url}${path}`, {
        method: content === undefined ? 'GET' : 'POST',
        agent: this.#agent,
        timeout: PATIENCE,
        headers: {
          ...headers,
          ...(content === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(content) }),
        },
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
  async ask<T>(path: string, body?: object, headers: Readonly<Record<string, string>> = {}): Promise<T> {
    const reply = await this.send(path, body, headers);
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
  /** How many there are. */
  readonly users: number;
  /**
   * Milliseconds that a user rests after an answer, on average: half of it at least, half as much again at most, so that users do not march
   * in step. A user who is told when to try again does so, about then.
   */
  readonly rest: number;
}

/** What users ask for. */
export interface Wish {
  readonly carId: string;
  readonly userId: string;
  /** The timeout of the call to car in milliseconds: UNAVAILABLE after this long is `expired`. */
  readonly timeout: number;
}

/** Users who reserve a car, each again and again, one request at a time. */
export class Load {
  /** Every answer so far, in the order in which they came. */
  readonly answers: Answer[] = [];
  readonly #edge: Edge;
  readonly #wish: Wish;
  readonly #stop = new AbortController();
  readonly #users: Promise<void>[] = [];
  #habit: Habit = { users: 0, rest: 0 };

  constructor(edge: Edge, wish: Wish) {
    this.#edge = edge;
    this.#wish = wish;
  }

  /** What users do from now on. New ones begin at once, all together; surplus ones end with their next answer. */
  change(habit: Habit): void {
    const before = this.#habit.users;
    this.#habit = habit;
    for (let number = before; number < habit.users; number++) this.#users.push(this.#user(number));
  }

  /** Ends the load; resolves when every user has the answer that it waits for. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#users);
  }

  async #user(number: number): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted && number < this.#habit.users) {
      const answer = await this.#reserve();
      this.answers.push(answer);
      const rest = Math.max(this.#habit.rest, answer.retryAfter * 1000);
      // A rest that the end of the load cuts short.
      await sleep((0.5 + Math.random()) * rest, undefined, { signal }).catch(() => undefined);
    }
  }

  async #reserve(): Promise<Answer> {
    const { carId, userId, timeout } = this.#wish;
    const start = performance.now();
    try {
      const { status, headers, body } = await this.#edge.send('/rentcar/reservations', { carId, userId });
      const took = performance.now() - start;
      const outcome = status === 200 ? 'reserved' : status !== 503 ? 'unexpected' : took < timeout ? 'refused' : 'expired';
      const text = outcome === 'unexpected' ? `${status} ${body}` : '';
      return { outcome, start, took, retryAfter: Number(headers['retry-after'] ?? 0), text };
    } catch (error) {
      return { outcome: 'unexpected', start, took: performance.now() - start, retryAfter: 0, text: String(error) };
    }
  }
}
