import { cors } from '@connectrpc/connect';
import { any, type Message } from '../json.ts';

/** The own machine, whatever the port: what a developer's page is served from. Pages that the edge itself serves need no permission. */
const OWN_MACHINE = String.raw`https?://(localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?`;

/** What scripts may send and read beyond what the three protocols need: a call's identity, conditional requests, when to try again. */
const SENT = ['authorization', 'idempotency-key', 'if-none-match', 'traceparent', 'tracestate'];
const READ = ['connect-content-encoding', 'content-encoding', 'etag', 'retry-after'];

/**
 * Lets scripts of other sites call, for REST and the three protocols that browsers speak. Without credentials: Rentmesh uses no cookies.
 *
 * @param origins allowed origins, `*` for all; without it those of the own machine
 */
export function corsPolicy(origins: readonly string[] | undefined): Message {
  return any('envoy.extensions.filters.http.cors.v3.CorsPolicy', {
    allow_origin_string_match: [...originMatchers(origins)],
    allow_credentials: false,
    // A preflight of an origin that is not allowed goes no further than this filter either.
    forward_not_matching_preflights: false,
    allow_methods: [...cors.allowedMethods, 'PUT', 'PATCH', 'DELETE'].join(', '),
    allow_headers: [...cors.allowedHeaders, ...SENT].join(', '),
    expose_headers: [...cors.exposedHeaders, ...READ].join(', '),
    max_age: '86400',
  });
}

/** Matches the origins whose pages may call. @param origins as for corsPolicy */
export function originMatchers(origins: readonly string[] | undefined): readonly Message[] {
  return origins?.map(matcher) ?? [{ safe_regex: { regex: OWN_MACHINE } }];
}

function matcher(origin: string): Message {
  return origin === '*' ? { safe_regex: { regex: '.*' } } : { exact: origin };
}
