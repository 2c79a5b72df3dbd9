import type { Figures, Link } from './links.ts';

export type Point = Pick<Figures, 'calls' | 'failed' | 'refused' | 'timeouts' | 'retries' | 'p50' | 'p99'> & { readonly isOpen: boolean };

/** The last states of each link, the oldest first. */
export type History = ReadonlyMap<string, readonly Point[]>;

/** States of one minute. */
export const LENGTH = 60;

/** Appends a state. */
export function withState(history: History, links: readonly Link[]): History {
  return new Map(
    links.map(({ id, calls, failed, refused, timeouts, retries, p50, p99, isOpen }) => {
      const point: Point = { calls, failed, refused, timeouts, retries, p50, p99, isOpen };
      return [id, [...(history.get(id) ?? []), point].slice(-LENGTH)];
    }),
  );
}
