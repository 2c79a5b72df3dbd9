import type { Projection } from '#kit/projection/projection.ts';
import type { Handlers } from '#kit/rpc/server.ts';
import type { MypageServiceService } from '#proto/starcoffee/mypage/v1/mypage.ts';
import type { MypageShape } from './mypages.ts';

/** Answers the calls of starcoffee.mypage.v1.MypageService from the projection. */
export function mypageService(mypages: Projection<MypageShape>): Handlers<typeof MypageServiceService> {
  return {
    async getMypage({ orderId }, context) {
      return { mypage: await mypages.get(orderId, context) };
    },
    async listMypages(request, context) {
      const { views, nextPageToken } = await mypages.list(request, context);
      return { mypages: views, nextPageToken };
    },
    async *watchMypage(request, { signal }) {
      for await (const { view, resumeToken } of mypages.watch(request.orderId, request.resumeToken, signal)) {
        yield { mypage: view, resumeToken };
      }
    },
  };
}
