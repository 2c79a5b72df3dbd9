import type { Projection } from '#kit/projection/projection.ts';
import type { Handlers } from '#kit/rpc/server.ts';
import type { MypageServiceService } from '#proto/rentalbook/mypage/v1/mypage.ts';
import type { MypageShape } from './mypages.ts';

/** Answers the calls of rentalbook.mypage.v1.MypageService from the projection. */
export function mypageService(mypages: Projection<MypageShape>): Handlers<typeof MypageServiceService> {
  return {
    async getMypage({ reserveId }, context) {
      return { mypage: await mypages.get(reserveId, context) };
    },
    async listMypages(request, context) {
      const { views, nextPageToken } = await mypages.list(request, context);
      return { mypages: views, nextPageToken };
    },
    async *watchMypage(request, { signal }) {
      for await (const { view, resumeToken } of mypages.watch(request.reserveId, request.resumeToken, signal)) {
        yield { mypage: view, resumeToken };
      }
    },
  };
}
