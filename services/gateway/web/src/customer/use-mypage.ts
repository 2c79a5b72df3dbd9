import { useEffect, useState } from 'preact/hooks';
import { type Mypage, Mypage_Status } from '#proto/es/rentcar/mypage/v1/mypage_pb.ts';
import { mypages } from '../api/clients.ts';
import { type Following, follow, waitInPage } from '../api/follow.ts';

/** A state that arrived, and when this page got it. */
export interface Arrival {
  readonly mypage: Mypage;
  readonly at: Date;
}

/** Whether a reservation will not change any more. */
export function isOver(status: Mypage_Status): boolean {
  return status === Mypage_Status.CANCELLED || status === Mypage_Status.COMPLETED;
}

/** Follows what mypage shows of a reservation until it is over, and keeps every state that arrived. */
export function useMypage(reservationId: string, wanted: boolean): { arrivals: readonly Arrival[]; following: Following } {
  const [arrivals, setArrivals] = useState<readonly Arrival[]>([]);
  const [following, setFollowing] = useState<Following>({ state: 'connecting' });
  useEffect(() => {
    if (!wanted) return;
    const page = new AbortController();
    setArrivals([]);
    void follow(
      {
        // No deadline: it ends when the page does.
        open: (resumeToken, signal) => mypages.watchMypage({ reservationId, resumeToken }, { signal, timeoutMs: 0 }),
        tokenOf: ({ resumeToken }) => resumeToken,
        onMessage: ({ mypage }) => {
          if (mypage === undefined) return;
          setArrivals((before) => [...before, { mypage, at: new Date() }]);
          if (isOver(mypage.status)) page.abort();
        },
        onState: setFollowing,
        wait: waitInPage,
      },
      page.signal,
    );
    return () => page.abort();
  }, [reservationId, wanted]);
  return { arrivals, following };
}
