import { useEffect, useState } from 'preact/hooks';
import { type Following, follow, waitInPage } from './follow.ts';

/** A state that arrived. */
export interface Arrival<T> {
  readonly state: T;
  /** When this page received the state. */
  readonly at: Date;
}

/** A Watch method of a view. */
export interface WatchOptions<M, T> {
  /** Opens the stream. Use `timeoutMs: 0`: the stream has no deadline. */
  readonly open: (resumeToken: string, signal: AbortSignal) => AsyncIterable<M>;
  readonly stateOf: (message: M) => T | undefined;
  /** No state follows this one. */
  readonly isLast: (state: T) => boolean;
}

export interface Watch<T> {
  readonly arrivals: readonly Arrival<T>[];
  readonly following: Following;
}

/**
 * Watches an entity until its last state, and keeps every state that arrived. Reconnects and resumes after the last message.
 *
 * @param id the entity. Another id starts again.
 */
export function useWatch<M extends { readonly resumeToken: string }, T>(
  id: string,
  { open, stateOf, isLast }: WatchOptions<M, T>,
): Watch<T> {
  const [arrivals, setArrivals] = useState<readonly Arrival<T>[]>([]);
  const [following, setFollowing] = useState<Following>({ state: 'connecting' });
  useEffect(() => {
    const page = new AbortController();
    setArrivals([]);
    const onMessage = (message: M) => {
      const state = stateOf(message);
      if (state === undefined) return;
      setArrivals((before) => [...before, { state, at: new Date() }]);
      if (isLast(state)) page.abort();
    };
    void follow({ open, tokenOf: ({ resumeToken }) => resumeToken, onMessage, onState: setFollowing, wait: waitInPage }, page.signal);
    return () => page.abort();
  }, [id]);
  return { arrivals, following };
}
