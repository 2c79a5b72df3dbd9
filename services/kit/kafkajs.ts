import { createRequire } from 'node:module';

export { Kafka } from 'kafkajs';

/** What of kafkajs's RequestQueue, one for each connection to a broker, is looked at here. */
interface RequestQueue {
  /** Requests that wait: too many are under way, or the broker asked to be spared for a while. */
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

const queue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as { readonly prototype: RequestQueue };
const { scheduleCheckPendingRequests } = queue.prototype;

/**
 * kafkajs 2.2.4 looks after waiting requests every millisecond for ever, whether there are any or not: each look schedules the next, after a
 * negative time, which Node takes as 1 ms (tulios/kafkajs#1704; there was no release since). Without requests that wait there is nothing to
 * look after; the first one that has to wait schedules a look itself.
 */
queue.prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
  if (this.pending.length > 0) scheduleCheckPendingRequests.call(this);
};
