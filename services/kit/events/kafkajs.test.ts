import { createRequire } from 'node:module';
import { afterEach, describe, expect, it, vi } from 'vitest';
import './kafkajs.ts';

interface RequestQueue {
  push(request: object): void;
  maybeThrottle(milliseconds: number): void;
  scheduleRequestTimeoutCheck(): void;
  destroy(): void;
  fulfillRequest(response: { correlationId: number; payload: unknown; size: number }): void;
  waitForPendingRequests(): Promise<void>;
}

const RequestQueue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as new (options: object) => RequestQueue;

afterEach(() => {
  vi.useRealTimers();
});

/** A connection on which one request at a time may be under way, and the ids of those that were sent. */
function connection() {
  vi.useFakeTimers();
  const sent: number[] = [];
  const failed: number[] = [];
  const queue = new RequestQueue({
    maxInFlightRequests: 1,
    requestTimeout: 1000,
    enforceRequestTimeout: true,
    isConnected: () => true,
    logger: { debug: () => undefined, warn: () => undefined },
  });
  const request = (correlationId: number) => {
    const entry = { correlationId, resolve: () => undefined, reject: () => failed.push(correlationId) };
    queue.push({ entry, expectResponse: true, sendRequest: () => sent.push(correlationId) });
  };
  const answer = (correlationId: number) => queue.fulfillRequest({ correlationId, payload: {}, size: 0 });
  return { queue, sent, failed, request, answer };
}

describe('a connection of kafkajs', () => {
  it('checks request timeouts once a second, and fails the requests that are over', () => {
    const { queue, failed, request } = connection();
    const intervals = vi.spyOn(globalThis, 'setInterval');
    queue.scheduleRequestTimeoutCheck();
    expect(intervals.mock.calls.map(([, milliseconds]) => milliseconds)).toEqual([1000]);
    request(1);
    vi.advanceTimersByTime(1000);
    expect(failed).toEqual([]);
    vi.advanceTimersByTime(1000);
    expect(failed).toEqual([1]);
    queue.destroy();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('sets no timer while no request waits, also after an answer', () => {
    const { sent, request, answer } = connection();
    request(1);
    answer(1);
    expect(sent).toEqual([1]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('sends a request that had to wait for another when that is answered', () => {
    const { sent, request, answer } = connection();
    request(1);
    request(2);
    expect(sent).toEqual([1]);
    answer(1);
    expect(sent).toEqual([1, 2]);
  });

  it('sends a request after the throttle time of the broker', () => {
    const { queue, sent, request } = connection();
    queue.maybeThrottle(50);
    request(1);
    expect(sent).toEqual([]);
    vi.advanceTimersByTime(100);
    expect(sent).toEqual([1]);
  });

  it('that closes waits for the answers that come soon', async () => {
    const { queue, failed, request, answer } = connection();
    request(1);
    const closed = queue.waitForPendingRequests();
    answer(1);
    await closed;
    expect(failed).toEqual([]);
  });

  it('that closes fails the requests whose answers do not come', async () => {
    const { queue, failed, request } = connection();
    request(1);
    request(2);
    const closed = queue.waitForPendingRequests();
    await closed;
    expect(failed).toEqual([1, 2]);
  });
});

describe('a consumer of kafkajs', () => {
  it('does not repeat a commit that failed: after a rebalance it would take back what another member has committed', async () => {
    const Runner = createRequire(import.meta.url)('kafkajs/src/consumer/runner') as new (
      options: object,
    ) => { running: boolean; commitOffsets(offsets: object): Promise<void> };
    const commitOffsets = vi.fn(() => Promise.reject(new Error('rebalance in progress')));
    const logger = { namespace: () => logger, debug: () => undefined };
    const runner = new Runner({ logger, consumerGroup: { commitOffsets }, concurrency: 1, retry: { initialRetryTime: 1, retries: 3 } });
    runner.running = true;
    await expect(runner.commitOffsets({ topics: [] })).rejects.toThrow('rebalance in progress');
    expect(commitOffsets).toHaveBeenCalledTimes(1);
  });
});
