import { setEtag } from '#kit/call.ts';
import { notFound } from '#kit/errors.ts';
import { decodePageToken, encodePageToken, pageSize } from '#kit/pagination.ts';
import type { Handlers } from '#kit/server.ts';
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

    async listMypages(request) {
      const limit = pageSize(request.pageSize);
      const [after] = decodePageToken(request.pageToken, ['uuid']) ?? [];
      const status = request.status === Mypage_Status.STATUS_UNSPECIFIED ? undefined : request.status;
      const found = await store.list({ userId: request.userId, status, after, limit });
      const last = found.at(-1);
      return { mypages: found.map(toWire), nextPageToken: last && found.length === limit ? encodePageToken([last._id]) : '' };
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
