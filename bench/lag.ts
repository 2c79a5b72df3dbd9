import { setTimeout as sleep } from 'node:timers/promises';
import type { HttpClient } from './http-client.ts';
import { openLoop, type Tally } from './load.ts';
import { type Reservation, reservationOf, reserve } from './rentcar-calls.ts';
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

/** Looks for the views of reservations, all that are missing in one read by key. */
class ViewReader {
  readonly row: number[] = [];
  readonly allocated: number[] = [];
  readonly #views: Views;
  /** Milliseconds of createTime by id, of reservations whose allocation no read has shown. */
  readonly #missing = new Map<string, number>();
  readonly #withRow = new Set<string>();

  constructor(views: Views) {
    this.#views = views;
  }

  get missing(): number {
    return this.#missing.size;
  }

  add({ reservationId, createTime }: Reservation): void {
    this.#missing.set(reservationId, Date.parse(createTime));
  }

  async read(): Promise<void> {
    if (this.#missing.size === 0) return;
    const states = await this.#views.states([...this.#missing.keys()]);
    const now = Date.now();
    for (const [id, state] of states) {
      const lag = now - (this.#missing.get(id) ?? Number.NaN);
      if (!this.#withRow.has(id)) this.row.push(lag);
      this.#withRow.add(id);
      if (state !== 'ALLOCATED') continue;
      this.allocated.push(lag);
      this.#missing.delete(id);
    }
  }
}

/** What a run of `measureLag` reserves. */
export interface LagLoad {
  readonly carId: string;
  readonly userId: string;
  /** Reservations per second. */
  readonly rate: number;
  readonly seconds: number;
}

/** Reserves at a fixed rate, and measures for every reservation when its view shows it in the store of mypage. */
export async function measureLag(client: HttpClient, views: Views, { carId, userId, rate, seconds }: LagLoad): Promise<Lag> {
  const reader = new ViewReader(views);
  let limit = Number.POSITIVE_INFINITY;
  const load = openLoop(rate, seconds, async () => {
    const answer = await reserve(client, carId, userId);
    if (answer.status === 200) reader.add(reservationOf(answer));
    return answer;
  }).finally(() => {
    limit = Date.now() + LIMIT_MS;
  });
  const isLoading = () => limit === Number.POSITIVE_INFINITY;
  while ((isLoading() || reader.missing > 0) && Date.now() < limit) {
    await reader.read();
    await sleep(READ_PAUSE_MS);
  }
  const { row, allocated, missing } = reader;
  return { row, allocated, missing, tally: await load };
}
