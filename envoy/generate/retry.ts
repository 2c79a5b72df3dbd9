import { any, type Message, message } from '../json.ts';
import { formatDuration } from '../policy/duration.ts';
import type { HttpRoute } from '../policy/schema.ts';

/** What Istio retries, twice, where a route says nothing. */
const DEFAULT_RETRY_ON = 'connect-failure,refused-stream,unavailable,cancelled';

/** A route's retry_policy, or undefined if the route does not retry (attempts 0). */
export function retryPolicy(retries: HttpRoute['retries']): Message | undefined {
  if (retries?.attempts === 0) return undefined;
  const conditions = (retries?.retryOn || `${DEFAULT_RETRY_ON},retriable-status-codes`).split(',').map((condition) => condition.trim());
  const codes = conditions.filter((condition) => /^\d{3}$/.test(condition)).map(Number);
  const named = conditions.filter((condition) => condition !== '' && !/^\d{3}$/.test(condition));
  if (codes.length > 0) named.push('retriable-status-codes');
  return message({
    num_retries: retries?.attempts ?? 2,
    retry_on: named.join(','),
    retriable_status_codes: codes.length > 0 ? codes : undefined,
    per_try_timeout: retries?.perTryTimeout === undefined ? undefined : formatDuration(retries.perTryTimeout),
    retry_host_predicate: [
      {
        name: 'envoy.retry_host_predicates.previous_hosts',
        typed_config: any('envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate'),
      },
    ],
    host_selection_retry_max_attempts: 5,
    retry_priority: retries?.retryRemoteLocalities
      ? {
          name: 'envoy.retry_priorities.previous_priorities',
          typed_config: any('envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig', { update_frequency: 2 }),
        }
      : undefined,
  });
}
