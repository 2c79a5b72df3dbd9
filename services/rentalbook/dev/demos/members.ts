import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FollowedWork } from '../../../../dev/demos/blocks/stopped-service.ts';
import { type DemoWork, successes } from '../../../../dev/demos/blocks/work.ts';
import type { DemoEnvironment, Finding } from '../../../../dev/demos/demo.ts';

const BOOK_NM = 'DEMONSTRATION';

/** Limit of the time in which events that are under way arrive, in milliseconds. */
const EVENT_LIMIT_MS = 10_000;
const POLL_MS = 100;

/** Lets members of one run reserve one book, each under a name of its own. */
export async function startReserves({ edge }: DemoEnvironment): Promise<DemoWork> {
  const { bookId } = await edge.ask<{ bookId: string }>('/rentalbook/books', { bookNm: BOOK_NM });
  return {
    next: () => ({ path: '/rentalbook/reserves', body: memberOf(bookId) }),
    check: async ({ answers }) => {
      const read = async () => await edge.count('/rentalbook/reserves', { bookId }, 'reserves');
      return [await countFinding('each reserve is stored once', successes(answers), read)];
    },
  };
}

/** Lets members of one run request one book, which nobody has reserved: the check rejects each request. */
export async function startRentals({ edge }: DemoEnvironment): Promise<FollowedWork> {
  const { bookId } = await edge.ask<{ bookId: string }>('/rentalbook/books', { bookNm: BOOK_NM });
  const checked = async () => await edge.count('/rentalbook/rentals', { bookId, status: 'REJECTED' }, 'rentals');
  return {
    next: () => ({ path: '/rentalbook/rentals', body: memberOf(bookId) }),
    countEffects: async () => {
      // Rejects while system is away.
      await edge.ask('/rentalbook/reserves?pageSize=1');
      return await checked();
    },
    check: async ({ answers }) => [await countFinding('each rental is checked once', successes(answers), checked)],
  };
}

function memberOf(bookId: string) {
  return { bookId, bookNm: BOOK_NM, userNm: `demo-${randomUUID()}` };
}

/** Waits until as many are stored as were answered. */
async function countFinding(promise: string, made: number, read: () => Promise<number>): Promise<Finding> {
  let stored = await read();
  for (const limit = performance.now() + EVENT_LIMIT_MS; performance.now() < limit && stored !== made; stored = await read())
    await sleep(POLL_MS);
  return { held: stored === made, promise, seen: `${made} answered, ${stored} stored` };
}
