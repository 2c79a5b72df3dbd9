import { createClient } from '@connectrpc/connect';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Mesh, ObserverService } from '#proto/es/rentmesh/observer/v1/observer_pb.ts';
import { type Following, follow, waitInPage } from '../api/follow.ts';
import { transport } from '../api/transport.ts';
import { announce } from '../shell/announce.tsx';
import { type History, withState } from './history.ts';
import { type Link, linksOf } from './links.ts';
import { type Item, newsOf, type Reported } from './news.ts';

export const observer = createClient(ObserverService, transport);

/** The current state of the mesh page. */
export interface MeshView {
  readonly mesh: Mesh;
  readonly links: readonly Link[];
  readonly history: History;
  /** Events since the page was opened, newest first. */
  readonly news: readonly Item[];
}

/** Limit of kept events. */
const MOST_NEWS = 30;

/** A hidden page stops watching after this time, in milliseconds. */
const HIDDEN_MS = 60_000;

/** Watches the mesh while the page is visible, and announces events to screen readers. */
export function useMesh(): { readonly following: Following; readonly seen: MeshView | undefined } {
  const [following, setFollowing] = useState<Following>({ state: 'connecting' });
  const [seen, setSeen] = useState<MeshView>();
  const reported = useRef<Reported>(new Map());
  const isShown = useIsShown();

  useEffect(() => {
    if (!isShown) return;
    const stop = new AbortController();
    const take = (mesh: Mesh) => {
      const { reported: next, items } = newsOf(reported.current, mesh, Date.now());
      reported.current = next;
      if (items.length > 0) announce(items.map(({ text }) => text).join(' '));
      setSeen((before) => {
        const links = linksOf(mesh);
        const news = [...items.toReversed(), ...(before?.news ?? [])].slice(0, MOST_NEWS);
        return { mesh, links, history: withState(before?.history ?? new Map(), links), news };
      });
    };
    void follow(
      {
        open: (_, signal) => observer.watchMesh({}, { signal }),
        tokenOf: () => '',
        onMessage: ({ mesh }) => {
          if (mesh !== undefined) take(mesh);
        },
        onState: setFollowing,
        wait: waitInPage,
      },
      stop.signal,
    );
    return () => stop.abort();
  }, [isShown]);

  return { following, seen };
}

/** Whether the page is visible, or was within HIDDEN_MS. */
function useIsShown(): boolean {
  const [isShown, setShown] = useState(true);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const changed = () => {
      clearTimeout(timer);
      if (document.visibilityState === 'visible') setShown(true);
      else timer = setTimeout(() => setShown(false), HIDDEN_MS);
    };
    document.addEventListener('visibilitychange', changed);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', changed);
    };
  }, []);
  return isShown;
}
