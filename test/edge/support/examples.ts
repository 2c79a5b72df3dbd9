import { afterEach, describe, expect, it } from 'vitest';
import { control, edge } from '../../support/instance.ts';
import { type ApiRequest, type DocumentedExample, examples, inOrder, mistakes } from './api-document.ts';

/** What the edge answers. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Sends a request and reads the answer; of a stream the first message, after which it is left. */
export async function send({ path, method, headers, body }: ApiRequest): Promise<Answer> {
  const end = new AbortController();
  const signal = AbortSignal.any([end.signal, AbortSignal.timeout(30_000)]);
  const response = await fetch(`${edge.url}${path}`, { method, headers, signal, ...(body !== undefined && { body }) });
  let text = '';
  const decoder = new TextDecoder();
  try {
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true });
      if (text.includes('\n')) break;
    }
  } finally {
    end.abort();
  }
  return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
}

function expectAsDocumented(answer: Answer, { operation, status, value, plan }: DocumentedExample): void {
  expect(answer.status, JSON.stringify(answer.body)).toBe(status);
  expect(mistakes(operation, status, answer.body), JSON.stringify(answer.body)).toEqual([]);
  // An error is always the same, but for empty members and what its message adds. Of a success the values follow from what the system has
  // been through; what an example is about is its status.
  const { message, status: stands, ...rest }: { message?: unknown; status?: unknown } = Object(value);
  const expected =
    status === 200 ? { status: expect.toBeOneOf([stands, ...plan.mayBe]) } : { ...rest, message: expect.stringContaining(String(message)) };
  if (status !== 200 || stands !== undefined) expect(answer.body).toMatchObject(expected);
  if (status === 503) expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
}

/** What a system needs while its examples are sent. */
export interface ExamplesOptions {
  /** Waits until no event is under way. */
  readonly settled: () => Promise<void>;
  /** Waits, after an outage, until calls succeed again. */
  readonly healed: () => Promise<void>;
  /** The titles of the examples that are not sent. */
  readonly unsent: readonly string[];
}

/** Tests that the documented examples of these systems are answered as documented by the running instance. */
export function describeExamples(systems: readonly string[], { settled, healed, unsent }: ExamplesOptions): void {
  const own = examples.filter(({ operation }) => systems.includes(operation.system));
  describe('every documented example is answered as documented', () => {
    const stopped = new Set<string>();
    /** Whether an example may have caused events that are still under way. */
    let changed = false;
    afterEach(async () => {
      if (stopped.size === 0) return;
      for (const name of stopped) await control.start(name);
      stopped.clear();
      await healed();
      changed = true;
    });

    const sent = own.filter(({ plan }) => plan.unsent === undefined);
    it.each(inOrder(sent))('$title', async (example) => {
      if (changed) await settled();
      const { without } = example.plan;
      if (without !== undefined) {
        stopped.add(without);
        await control.stop(without);
      }
      changed = example.request.method === 'POST';
      expectAsDocumented(await send(example.request), example);
    });

    it('and few are not sent, each for a reason', () => {
      expect(own.filter(({ plan }) => plan.unsent !== undefined).map(({ title }) => title)).toEqual(unsent);
    });
  });
}
