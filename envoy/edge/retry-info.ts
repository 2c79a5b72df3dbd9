import { ErrorInfo, RetryInfo } from '#proto/google/rpc/error_details.ts';
import { Status } from '#proto/google/rpc/status.ts';
import { any, type Message } from '../json.ts';

const UNAVAILABLE = 14;
const RETRY_AFTER_SECONDS = 1;
const TEXT = 'the service cannot be reached now; try again';

/**
 * Gives an UNAVAILABLE without details the google.rpc.Status that every other one has, with when to come back. Such answers are made by
 * sidecars of plain Istio, for an open circuit, a limit or a replica that cannot be reached; a laptop's sidecars say it themselves.
 */
export function retryInfoFilter(): Message {
  return {
    name: 'rentmesh.retry_info',
    typed_config: any('envoy.extensions.filters.http.lua.v3.Lua', { default_source_code: { inline_string: script() } }),
  };
}

function script(): string {
  return `
function envoy_on_response(handle)
  local headers = handle:headers()
  if headers:get("grpc-status") ~= "${UNAVAILABLE}" or headers:get("retry-after") ~= nil then return end
  headers:replace("retry-after", "${RETRY_AFTER_SECONDS}")
  if headers:get("grpc-status-details-bin") == nil then
    headers:replace("grpc-message", "${TEXT}")
    headers:replace("grpc-status-details-bin", "${details()}")
  end
end
`;
}

/** google.rpc.Status in base64 without padding, as gRPC writes binary headers. */
function details(): string {
  const typed = (name: string, value: Uint8Array) => ({ typeUrl: `type.googleapis.com/google.rpc.${name}`, value: Buffer.from(value) });
  const status = Status.encode({
    code: UNAVAILABLE,
    message: TEXT,
    details: [
      typed('ErrorInfo', ErrorInfo.encode({ reason: 'UPSTREAM_UNAVAILABLE', domain: 'rentmesh', metadata: {} }).finish()),
      typed('RetryInfo', RetryInfo.encode({ retryDelay: { seconds: RETRY_AFTER_SECONDS, nanos: 0 } }).finish()),
    ],
  }).finish();
  return Buffer.from(status).toString('base64').replaceAll('=', '');
}
