import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpClient } from './http-client.ts';
import { openLoop, type Tally } from './load.ts';
import { reservationOf, reserve } from './rentcar-calls.ts';
import type { Views } from './views.ts';

/** Pause between two reads of the views: figures are late by up to this and the time of a read. */
export const READ_PAUSE_MS = 5;
/** Limit of the wait for the last views. */
const LIMIT_MS = 30_000;

/** Event lag of the reservations of one run. */
export interface Lag {
  /** Milliseconds from createTime until a read shows the view. */
  readonly row: readonly number[];
  /** Milliseconds from createTime until a read shows the allocation in the view. */
  readonly allocated: readonly number[];
  /** Reservations whose allocation no read has shown. */
  readonly missing: number;
  readonly tally: Tally;
}

/**
 * Reserves at a fixed rate and measures for every reservation when its view shows it. All views that are missing are read
 * together, by key, in the store of mypage.
 */
export async function measureLag(client: HttpClient, views: Views, carId: string, userId: string, rate: number, seconds: number) {
  /** Milliseconds of createTime by id: of reservations that no read has shown, and of those whose row was shown. */
  const [unseen, rows] = [new Map<string, number>(), new Map<string, number>()];
  const [row, allocated]: [number[], number[]] = [[], []];
  const read = async () => {
    const states = await views.states([...unseen.keys(), ...rows.keys()]);
    const now = Date.now();
    for (const [id, state] of states) {
      const created = unseen.get(id) ?? rows.get(id);
      if (created === undefined) continue;
      if (unseen.delete(id)) {
        row.push(now - created);
        rows.set(id, created);
      }
      if (state === 'ALLOCATED' && rows.delete(id)) allocated.push(now - created);
    }
  };
  let loading = true;
  const load = openLoop(rate, seconds, async () => {
    const answer = await reserve(client, carId, userId);
    if (answer.status === 200) {
      const { reservationId, createTime } = reservationOf(answer);
      unseen.set(reservationId, Date.parse(createTime));
    }
    return answer;
  }).finally(() => {
    loading = false;
  });
  for (let limit = Number.POSITIVE_INFINITY; loading || unseen.size + rows.size > 0; await sleep(READ_PAUSE_MS)) {
    if (unseen.size + rows.size > 0) await read();
    if (!loading && limit === Number.POSITIVE_INFINITY) limit = Date.now() + LIMIT_MS;
    if (Date.now() > limit) break;
  }
  const lag: Lag = { row, allocated, missing: unseen.size + rows.size, tally: await load };
  return lag;
}
