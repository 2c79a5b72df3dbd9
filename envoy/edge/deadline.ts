import type { Message } from '../json.ts';
import { httpFilter } from '../sidecar/listeners.ts';

/** The name of the filter, for routes that enable it. */
export const DEADLINE = 'rentmesh.deadline';

/** Where the gateway finds a grpc-timeout that was taken away from the sidecars before it; services/gateway/rpc/protocols.ts reads it. */
const HELD = 'rentmesh-timeout';

/**
 * The filter that tells the deadline of a gRPC stream to the gateway alone. A sidecar that knew it would have to reset the stream once its headers
 * are sent, and a caller would see INTERNAL instead of DEADLINE_EXCEEDED: Envoy has no trailers of its own. The gateway ends the stream with
 * trailers, and tells the service the deadline.
 */
export function deadlineFilter(): Message {
  const hold = { header: { key: HELD, value: '%REQ(grpc-timeout)%' }, append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' };
  return httpFilter(DEADLINE, 'envoy.extensions.filters.http.header_mutation.v3.HeaderMutation', {
    mutations: { request_mutations: [{ remove: HELD }, { append: hold }, { remove: 'grpc-timeout' }] },
  });
}
