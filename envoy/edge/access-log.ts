import { any, type Message } from '../json.ts';
import { httpFilter } from '../sidecar/listeners.ts';
import { REASON_HEADER } from '../sidecar/reply-forms.ts';

const HEADER_TO_METADATA = 'envoy.filters.http.header_to_metadata';
const METADATA = 'rentmesh.access_log';

/**
 * The filter that takes the reason of an error from the response, for the access log. Services (services/kit/rpc/server.ts) and Envoys
 * repeat the reason of google.rpc.ErrorInfo in a header, because Envoy cannot look into error details. Stands next to the router.
 */
export function reasonFilter(): Message {
  return httpFilter(HEADER_TO_METADATA, 'envoy.extensions.filters.http.header_to_metadata.v3.Config', {
    response_rules: [
      {
        header: REASON_HEADER,
        on_header_present: { metadata_namespace: METADATA, key: 'reason' },
        remove: true,
      },
    ],
  });
}

/**
 * One line of JSON per request on standard output. Without bodies, tokens, and queries, which carry the message of a Connect GET. Empty
 * values are left out. `duration` is in milliseconds, `details` says why Envoy itself has answered.
 */
export function accessLog(): Message {
  return {
    name: 'envoy.access_loggers.stdout',
    typed_config: any('envoy.extensions.access_loggers.stream.v3.StdoutAccessLog', {
      log_format: {
        omit_empty_values: true,
        json_format: {
          time: '%START_TIME%',
          client: '%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%',
          method: '%REQ(:METHOD)%',
          path: '%PATH(NQ:ORIG_OR_PATH)%',
          host: '%REQ(:AUTHORITY)%',
          protocol: '%PROTOCOL%',
          contentType: '%REQ(CONTENT-TYPE)%',
          status: '%RESPONSE_CODE%',
          grpcStatus: '%GRPC_STATUS%',
          reason: `%DYNAMIC_METADATA(${METADATA}:reason)%`,
          details: '%RESPONSE_CODE_DETAILS%',
          flags: '%RESPONSE_FLAGS%',
          duration: '%DURATION%',
          bytesReceived: '%BYTES_RECEIVED%',
          bytesSent: '%BYTES_SENT%',
          route: '%ROUTE_NAME%',
          traceparent: '%REQ(TRACEPARENT)%',
          requestId: '%REQ(X-REQUEST-ID)%',
        },
      },
    }),
  };
}
