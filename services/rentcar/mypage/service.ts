import { setEtag } from '#kit/rpc/call.ts';
import { notFound } from '#kit/rpc/errors.ts';
import { pageOf } from '#kit/rpc/pagination.ts';
import type { Handlers } from '#kit/rpc/server.ts';
import { Mypage_Status, type MypageServiceService, type Mypage as Wire } from '#proto/rentcar/mypage/v1/mypage.ts';
import { fromResumeToken, toResumeToken } from './domain.ts';
import { type MypageDocument, type MypageStore, updateTimeOf, versionsOf } from './store.ts';
import type { Watches } from './watch.ts';

/** Answers the calls of rentcar.mypage.v1.MypageService from the store. */
export function mypageService(store: MypageStore, watches: Watches): Handlers<typeof MypageServiceService> {
  return {
    async getMypage({ reservationId }, context) {
      const document = await store.find(reservationId);
      if (document === undefined) {
        throw notFound('MYPAGE_NOT_FOUND', `nothing is known of reservation ${reservationId} yet`, { reservationId });
      }
      setEtag(context, toResumeToken(versionsOf(document)));
      return { mypage: toWire(document) };
    },

    async *watchMypage({ reservationId, resumeToken }, { signal }) {
      for await (const document of watches.states(reservationId, fromResumeToken(resumeToken), signal)) {
        yield { mypage: toWire(document), resumeToken: toResumeToken(versionsOf(document)) };
      }
    },

    async listMypages(request, context) {
      const page = pageOf(request, context, ['uuid']);
      const status = request.status === Mypage_Status.STATUS_UNSPECIFIED ? undefined : request.status;
      const found = await store.list({ userId: request.userId, status, after: page.after?.[0], limit: page.limit });
      return { mypages: found.map(toWire), nextPageToken: page.nextPageToken(found, ({ _id }) => [_id]) };
    },
  };
}

function toWire(document: MypageDocument): Wire {
  return {
    reservationId: document._id,
    carId: document.carId,
    carName: document.carName ?? '',
    userId: document.userId,
    userName: document.userName ?? '',
    reservedDate: document.reservedDate ?? '',
    status: document.status,
    updateTime: updateTimeOf(document),
  };
}
