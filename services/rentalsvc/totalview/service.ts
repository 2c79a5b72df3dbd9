import type { Projection } from '#kit/projection/projection.ts';
import type { Handlers } from '#kit/rpc/server.ts';
import type { TotalViewServiceService } from '#proto/rentalsvc/totalview/v1/totalview.ts';
import type { TotalViewShape } from './totalviews.ts';

/** Answers the calls of rentalsvc.totalview.v1.TotalViewService from the projection. */
export function totalViewService(views: Projection<TotalViewShape>): Handlers<typeof TotalViewServiceService> {
  return {
    async getTotalView({ orderId }, context) {
      return { totalView: await views.get(orderId, context) };
    },
    async listTotalViews(request, context) {
      const { views: totalViews, nextPageToken } = await views.list(request, context);
      return { totalViews, nextPageToken };
    },
    async *watchTotalView(request, { signal }) {
      for await (const { view, resumeToken } of views.watch(request.orderId, request.resumeToken, signal)) {
        yield { totalView: view, resumeToken };
      }
    },
  };
}
