import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { range } from '../../support/eventually.ts';
import { edge } from '../../support/instance.ts';

/** One answer of the edge. */
export interface Answer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: string;
  /** When it was complete, in milliseconds of performance.now(). */
  readonly at: number;
  /** Milliseconds from the request to the last byte. */
  readonly ms: number;
}

/** What users do one after the other, each on a connection of its own, until they are told to end. */
export interface Load {
  /** Tells the users to end after the call that each is in, and returns all answers. */
  end(): Promise<Answer[]>;
  /** The answers so far. */
  readonly answers: readonly Answer[];
}

/** The body that is POSTed, nothing for a GET. */
type Body = object | undefined;

/**
 * Lets users call a path of the edge again and again, each as soon as it has its answer, whatever it is told: as the original's load
 * generator does.
 *
 * `pauseMs`: how long each user waits between an answer and the next call.
 *
 * Plain HTTP instead of fetch, which takes so long of its own that with 50 users it would be measured as well.
 */
export function load(users: number, path: string, body?: Body, pauseMs = 0): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: users });
  const answers: Answer[] = [];
  let ended = false;
  const use = async (user: number) => {
    // Users who pause do not all come at the same moment.
    await sleep((user * pauseMs) / users);
    while (!ended) {
      answers.push(await call(agent, path, body));
      if (pauseMs > 0) await sleep(pauseMs);
    }
  };
  const running = Promise.all(range(users).map(use));
  return {
    answers,
    end: async () => {
      ended = true;
      await running;
      agent.destroy();
      return answers;
    },
  };
}

function call(agent: Agent, path: string, body: Body): Promise<Answer> {
  const { hostname: host, port } = new URL(edge.url);
  const bytes = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const headers = bytes === undefined ? {} : { 'content-type': 'application/json', 'content-length': bytes.length };
  const begin = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request({ host, port, path, method: bytes === undefined ? 'GET' : 'POST', agent, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const at = performance.now();
        resolve({
          status: response.statusCode ?? 0,
          retryAfter: response.headers['retry-after'],
          body: Buffer.concat(chunks).toString(),
          at,
          ms: at - begin,
        });
      });
    });
    sent.on('error', reject);
    sent.end(bytes);
  });
}
