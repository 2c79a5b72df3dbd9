import { any, type Message, message } from '../json.ts';
import { formatDuration } from '../policy/duration.ts';
import type { HttpRoute } from '../policy/schema/virtual-service.ts';
import { partsOfHundred, partsOfMillion } from './fraction.ts';
import { GRPC_STATUS } from './grpc.ts';
import { stringMatch } from './match.ts';

/** The settings of HTTP filters for one route: fault injection and CORS. */
export function perFilterConfig({ fault, corsPolicy }: HttpRoute): Message | undefined {
  if (!fault && !corsPolicy) return undefined;
  return message({
    'envoy.filters.http.fault': fault && any('envoy.extensions.filters.http.fault.v3.HTTPFault', faultConfig(fault)),
    'envoy.filters.http.cors': corsPolicy && any('envoy.extensions.filters.http.cors.v3.CorsPolicy', corsConfig(corsPolicy)),
  });
}

function faultConfig({ delay, abort }: NonNullable<HttpRoute['fault']>): Message {
  return message({
    delay:
      delay?.fixedDelay === undefined
        ? undefined
        : {
            fixed_delay: formatDuration(delay.fixedDelay),
            // Without a percentage Istio delays no request at all.
            percentage: delay.percentage ? partsOfMillion(delay.percentage.value) : partsOfHundred(delay.percent ?? 0),
          },
    abort:
      abort === undefined || (abort.httpStatus === undefined && abort.grpcStatus === undefined)
        ? undefined
        : message({
            http_status: abort.httpStatus,
            grpc_status: abort.grpcStatus === undefined ? undefined : GRPC_STATUS.indexOf(abort.grpcStatus),
            percentage: abort.percentage && partsOfMillion(abort.percentage.value),
          }),
  });
}

function corsConfig(cors: NonNullable<HttpRoute['corsPolicy']>): Message {
  const origins = cors.allowOrigins?.length
    ? cors.allowOrigins.map((origin) => stringMatch(origin) ?? {})
    : (cors.allowOrigin ?? []).map((origin) => ({ exact: origin }));
  const joined = (list: readonly string[] | undefined): string | undefined => list?.join(',') || undefined;
  return message({
    forward_not_matching_preflights: cors.unmatchedPreflights !== 'IGNORE',
    allow_origin_string_match: origins.length > 0 ? origins : undefined,
    filter_enabled: { default_value: { numerator: 100 } },
    allow_credentials: cors.allowCredentials,
    allow_headers: joined(cors.allowHeaders),
    allow_methods: joined(cors.allowMethods),
    expose_headers: joined(cors.exposeHeaders),
    max_age: cors.maxAge === undefined ? undefined : String(Math.floor(cors.maxAge / 1e9)),
  });
}
