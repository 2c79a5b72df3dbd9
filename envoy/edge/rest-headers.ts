import type { Message } from '../json.ts';
import { httpFilter } from '../sidecar/listeners.ts';

/** The name of the filter, for routes that enable it. */
export const REST_HEADERS = 'rentmesh.rest_headers';

/** Fields of gRPC that the transcoder leaves in an answer whose body and HTTP status say the same. */
const OF_GRPC = ['grpc-status', 'grpc-message', 'grpc-status-details-bin', 'grpc-encoding', 'grpc-accept-encoding'];

/** The filter that takes out of answers of REST what is gRPC's. It stands before the transcoder, so that it sees its answer. */
export function restHeadersFilter(): Message {
  return httpFilter(REST_HEADERS, 'envoy.extensions.filters.http.header_mutation.v3.HeaderMutation', {
    mutations: { response_mutations: OF_GRPC.map((name) => ({ remove: name })) },
  });
}
