import { randomUUID } from 'node:crypto';
import type { FollowedWork } from '../../../../dev/demos/blocks/stopped-service.ts';
import { storedCheck } from '../../../../dev/demos/blocks/stored.ts';
import type { DemoWork } from '../../../../dev/demos/blocks/work.ts';
import type { DemoEnvironment } from '../../../../dev/demos/demo.ts';
import type { EdgeClient } from '../../../../dev/demos/edge-client.ts';

const BOOK_NM = 'DEMONSTRATION';

/** Lets members of one run reserve one book, each under a name of its own. */
export async function startReserves({ edge }: DemoEnvironment): Promise<DemoWork> {
  const bookId = await registerBook(edge);
  return {
    next: () => ({ path: '/rentalbook/reserves', body: memberOf(bookId) }),
    check: storedCheck({
      promise: 'each reserve is stored once',
      successes: 'answered',
      count: async () => ({ stored: await edge.count('/rentalbook/reserves', { bookId }) }),
    }),
  };
}

/** Lets members of one run request one book, which nobody has reserved: the check rejects each request. */
export async function startRentals({ edge }: DemoEnvironment): Promise<FollowedWork> {
  const bookId = await registerBook(edge);
  const countChecked = () => edge.count('/rentalbook/rentals', { bookId, status: 'REJECTED' });
  return {
    next: () => ({ path: '/rentalbook/rentals', body: memberOf(bookId) }),
    countEffects: async () => {
      // Rejects while system is away.
      await edge.ask('/rentalbook/reserves?pageSize=1');
      return await countChecked();
    },
    check: storedCheck({
      promise: 'each rental is checked once',
      successes: 'answered',
      count: async () => ({ stored: await countChecked() }),
    }),
  };
}

async function registerBook(edge: EdgeClient): Promise<string> {
  return (await edge.ask<{ bookId: string }>('/rentalbook/books', { bookNm: BOOK_NM })).bookId;
}

function memberOf(bookId: string) {
  return { bookId, bookNm: BOOK_NM, userNm: `demo-${randomUUID()}` };
}
