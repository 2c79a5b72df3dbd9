import type { Message } from '../json.ts';
import { httpFilter } from '../sidecar/listeners.ts';
import { repliesInEachForm } from '../sidecar/replies.ts';
import { expression } from '../sidecar/reply-filters.ts';
import type { EdgeSettings } from './settings.ts';

const RATE_LIMIT = 'envoy.filters.http.local_ratelimit';
const RESOURCE_EXHAUSTED = 8;
/** How many addresses have a bucket at once; the one that was used least recently loses its own. */
const ADDRESSES = 10_000;
const ALWAYS: Message = { default_value: { numerator: 100, denominator: 'HUNDRED' } };

/**
 * The filter that limits the requests of each client address. The address is that of the connection, or what trusted proxies say of it
 * (`trustedHops`). Each edge counts for itself.
 */
export function rateLimitFilter({ requestsPerSecond }: EdgeSettings): Message {
  const bucket = { max_tokens: 2 * requestsPerSecond, tokens_per_fill: requestsPerSecond, fill_interval: '1s' };
  return httpFilter(RATE_LIMIT, 'envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit', {
    stat_prefix: 'front',
    filter_enabled: ALWAYS,
    filter_enforced: ALWAYS,
    // For requests without an address, which there are none.
    token_bucket: bucket,
    always_consume_default_token_bucket: false,
    rate_limits: [{ actions: [{ remote_address: {} }] }],
    // A descriptor without a value stands for every address.
    descriptors: [{ entries: [{ key: 'remote_address' }], token_bucket: bucket }],
    max_dynamic_descriptors: ADDRESSES,
  });
}

/** The answers of the filter, in the form of each protocol. */
export function rateLimitReplies(): Message[] {
  return repliesInEachForm(expression('response.code_details == "local_rate_limited"'), {
    code: RESOURCE_EXHAUSTED,
    reason: 'RATE_LIMITED',
    text: 'this client sends more requests than the edge allows; try again later',
    isTransient: true,
  });
}
