import { Agent, type IncomingHttpHeaders, request } from 'node:http';

/** An answer of the edge. */
export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Limit of the wait for an answer, in milliseconds: longer than every timeout of the policies. */
const TIMEOUT_MS = 10_000;

/** Largest page of a list. */
const PAGE_SIZE = '100';

/** A REST client of the edge that keeps its connections. */
export class EdgeClient {
  readonly url: string;
  readonly #agent = new Agent({ keepAlive: true });

  /** @param url `http://127.0.0.1:8088` */
  constructor(url: string) {
    this.url = url;
  }

  /** Sends one request; a body makes it a POST. Rejects only without an answer. */
  send(path: string, body?: object, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    const content = body === undefined ? undefined : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const outgoing = request(`${this.url}${path}`, {
        method: content === undefined ? 'GET' : 'POST',
        agent: this.#agent,
        timeout: TIMEOUT_MS,
        headers: {
          ...headers,
          ...(content === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(content) }),
        },
      });
      outgoing.on('timeout', () => outgoing.destroy(new Error(`${path} got no answer within ${TIMEOUT_MS / 1000} s`)));
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

  /** As send, but rejects if the answer is not 200. The caller names the message that it expects. */
  async ask<T>(path: string, body?: object, headers: Readonly<Record<string, string>> = {}): Promise<T> {
    const reply = await this.send(path, body, headers);
    if (reply.status !== 200) throw new Error(`${path} answered ${reply.status}: ${reply.body}`);
    return JSON.parse(reply.body) as T;
  }

  /** Returns the items of a list, from all pages. The caller names the message that it expects. Rejects as `ask` does. */
  async list<T>(path: string, filters: Readonly<Record<string, string>>): Promise<T[]> {
    const found: T[] = [];
    let pageToken = '';
    do {
      const query = new URLSearchParams({ ...filters, pageSize: PAGE_SIZE, pageToken });
      const page = await this.ask<Readonly<Record<string, T[] | string>>>(`${path}?${query}`);
      // A page has one list, whatever its name.
      for (const value of Object.values(page)) if (Array.isArray(value)) found.push(...value);
      pageToken = typeof page.nextPageToken === 'string' ? page.nextPageToken : '';
    } while (pageToken !== '');
    return found;
  }

  /** Counts the items of a list. Rejects as `ask` does. */
  async count(path: string, filters: Readonly<Record<string, string>>): Promise<number> {
    return (await this.list(path, filters)).length;
  }

  /** Closes the connections. */
  close(): void {
    this.#agent.destroy();
  }
}
