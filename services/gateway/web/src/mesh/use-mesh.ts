import { createClient } from '@connectrpc/connect';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Mesh, ObserverService } from '#proto/es/rentmesh/observer/v1/observer_pb.ts';
import { type Following, follow, waitInPage } from '../api/follow.ts';
import { transport } from '../api/transport.ts';
import { announce } from '../shell/announce.tsx';
import { type History, withState } from './history.ts';
import { type Link, linksOf } from './links.ts';
import { type Item, newsOf, type Told } from './news.ts';

export const observer = createClient(ObserverService, transport);

/** What the page shows of the mesh. */
export interface Seen {
  readonly mesh: Mesh;
  readonly links: readonly Link[];
  readonly history: History;
  /** What happened since the page was opened, the newest first. */
  readonly news: readonly Item[];
}

/** Older news are no news. */
const MOST_NEWS = 30;

/** A page that nobody looks at stops watching after this long, so that the observer can rest; milliseconds. */
const HIDDEN_MS = 60_000;

/** Watches the mesh as long as the component is there and somebody looks at the page, and says aloud what happens. */
export function useMesh(): { readonly following: Following; readonly seen: Seen | undefined } {
  const [following, setFollowing] = useState<Following>({ state: 'connecting' });
  const [seen, setSeen] = useState<Seen>();
  const told = useRef<Told>(new Map());
  const isShown = useIsShown();

  useEffect(() => {
    if (!isShown) return;
    const stop = new AbortController();
    const take = (mesh: Mesh) => {
      const { told: next, items } = newsOf(told.current, mesh, Date.now());
      told.current = next;
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

/** Whether the page is looked at, or was a moment ago. */
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
