import { createRequire } from 'node:module';
import { within } from '../runtime/waiting.ts';

export { Kafka } from 'kafkajs';

// kafkajs does not export the classes that are patched here.
const require = createRequire(import.meta.url);

/** kafkajs's RequestQueue, one per connection to a broker, as far as used here. */
interface RequestQueue {
  /** Waiting requests: too many are in flight, or the broker throttles the client. */
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
  readonly enforceRequestTimeout: boolean;
  readonly inflight: ReadonlyMap<number, { readonly sentAt: number; readonly requestTimeout: number; timeoutRequest(): void }>;
  requestTimeoutIntervalId: NodeJS.Timeout | null;
  isConnected(): boolean;
  scheduleRequestTimeoutCheck(): void;
  /** Ends the checks of timeouts. */
  destroy(): void;
  /** Resolves when no request waits or is under way. */
  waitForPendingRequests(): Promise<void>;
  rejectAll(error: Error): void;
}

const queue = require('kafkajs/src/network/requestQueue') as { readonly prototype: RequestQueue };
const { scheduleCheckPendingRequests, waitForPendingRequests } = queue.prototype;

/**
 * Stops kafkajs from waking idle processes every millisecond. kafkajs 2.2.4 checks waiting requests in a loop, with a negative delay that
 * Node takes as 1 ms (tulios/kafkajs#1704, not released). Without waiting requests no check is needed; the first waiting request schedules
 * one.
 */
queue.prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
  if (this.pending.length > 0) scheduleCheckPendingRequests.call(this);
};

/** The time between two checks of request timeouts, in milliseconds. Timeouts (10 s or more) are detected up to this much late. */
const TIMEOUT_CHECK_MS = 1000;

/** Checks request timeouts once a second. kafkajs 2.2.4 checks ten times a second per connection, also when idle. */
queue.prototype.scheduleRequestTimeoutCheck = function (this: RequestQueue) {
  if (!this.enforceRequestTimeout) return;
  this.destroy();
  this.requestTimeoutIntervalId = setInterval(() => {
    for (const request of this.inflight.values()) {
      if (Date.now() - request.sentAt > request.requestTimeout) request.timeoutRequest();
    }
    if (!this.isConnected()) this.destroy();
  }, TIMEOUT_CHECK_MS);
};

/** How long a closing connection waits for outstanding responses, in milliseconds. */
const ANSWERS_MS = 2000;

/**
 * Fails the requests of a closing connection after ANSWERS_MS. kafkajs 2.2.4 waits for their responses without a timeout: if the broker
 * dies meanwhile, the close never ends, and a crashed consumer emits CRASH only after the close.
 */
queue.prototype.waitForPendingRequests = async function (this: RequestQueue) {
  const answered = waitForPendingRequests.call(this);
  if (!(await within(ANSWERS_MS, answered))) this.rejectAll(new Error('the connection was closed before the response arrived'));
};

/** kafkajs's Runner, one for each run of a consumer, as far as used here. */
interface Runner {
  readonly consumerGroup: { commitOffsets(offsets: object): Promise<void> };
  commitOffsets(offsets: object): Promise<void>;
}

const runner = require('kafkajs/src/consumer/runner') as { readonly prototype: Runner };

/**
 * Commits offsets once. kafkajs retries a failed commit for up to 15 s. After a rebalance the retry uses the new generation and can
 * overwrite a newer offset of another member. `OffsetCommits` retries instead, with the offsets of the current assignment.
 */
runner.prototype.commitOffsets = async function (this: Runner, offsets: object) {
  await this.consumerGroup.commitOffsets(offsets);
};

/** The broker that coordinates a group, as far as used here. */
interface GroupCoordinator {
  readonly connectionPool: { readonly clientId: string };
  describeGroups(request: { groupIds: string[] }): Promise<{ groups: { members: { memberId: string; clientId: string }[] }[] }>;
  leaveGroup(request: { groupId: string; memberId: string }): Promise<unknown>;
}

/** kafkajs's ConsumerGroup, one for each run of a consumer, as far as used here. */
interface ConsumerGroup {
  readonly groupId: string;
  readonly cluster: { findGroupCoordinator(request: { groupId: string }): Promise<GroupCoordinator> };
  readonly logger: { debug(message: string, details: object): void };
  connect(): Promise<void>;
}

const consumerGroup = require('kafkajs/src/consumer/consumerGroup') as { readonly prototype: ConsumerGroup };
const { connect } = consumerGroup.prototype;

/**
 * Before a consumer joins its group, removes the members with its client id: memberships of a process that was killed. Otherwise the group
 * waits for their session timeout. kafkajs has no static membership. If the removal fails, the session timeout removes them.
 */
consumerGroup.prototype.connect = async function (this: ConsumerGroup) {
  await connect.call(this);
  const { cluster, groupId, logger } = this;
  try {
    const coordinator = await cluster.findGroupCoordinator({ groupId });
    const { groups } = await coordinator.describeGroups({ groupIds: [groupId] });
    const dead = groups.flatMap(({ members }) => members).filter(({ clientId }) => clientId === coordinator.connectionPool.clientId);
    for (const { memberId } of dead) await coordinator.leaveGroup({ groupId, memberId });
  } catch (error) {
    logger.debug('Removing dead members failed', { groupId, error: String(error) });
  }
};
