import type { Projection } from '#kit/projection/projection.ts';
import type { Handlers } from '#kit/rpc/server.ts';
import type { InformationServiceService } from '#proto/cinema/information/v1/information.ts';
import type { InformationShape } from './informations.ts';

/** Answers the calls of cinema.information.v1.InformationService from the projection. */
export function informationService(informations: Projection<InformationShape>): Handlers<typeof InformationServiceService> {
  return {
    async getInformation({ reservationId }, context) {
      return { information: await informations.get(reservationId, context) };
    },
    async listInformations(request, context) {
      const { views, nextPageToken } = await informations.list(request, context);
      return { informations: views, nextPageToken };
    },
    async *watchInformation(request, { signal }) {
      for await (const { view, resumeToken } of informations.watch(request.reservationId, request.resumeToken, signal)) {
        yield { information: view, resumeToken };
      }
    },
  };
}
