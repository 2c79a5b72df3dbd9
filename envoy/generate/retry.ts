import { STATUS_CODES } from 'node:http';
import { any, type Message, message } from '../json.ts';
import { formatDuration } from '../policy/duration.ts';
import type { HttpRoute } from '../policy/schema/virtual-service.ts';

/** What Istio retries, twice, where a route says nothing. */
const DEFAULT_ATTEMPTS = 2;
const DEFAULT_RETRY_ON = 'connect-failure,refused-stream,unavailable,cancelled,retriable-status-codes';
const STATUS_CONDITION = 'retriable-status-codes';

/**
 * A route's retry_policy, or undefined if the route does not retry (attempts 0).
 * @param hashed the destination is chosen by consistent hash: a retry then goes to the same replica, so previous hosts are not avoided
 */
export function retryPolicy(retries: HttpRoute['retries'], hashed: boolean): Message | undefined {
  if (retries && (retries.attempts ?? 0) <= 0) return undefined;
  const { conditions, codes } = retryConditions(retries?.retryOn);
  const avoidPrevious = retries?.retryIgnorePreviousHosts ?? !hashed;
  return message({
    num_retries: retries?.attempts ?? DEFAULT_ATTEMPTS,
    retry_on: conditions,
    retriable_status_codes: codes.length > 0 ? codes : undefined,
    per_try_timeout: retries?.perTryTimeout === undefined ? undefined : formatDuration(retries.perTryTimeout),
    retry_host_predicate: avoidPrevious ? [PREVIOUS_HOSTS] : undefined,
    host_selection_retry_max_attempts: 5,
    retry_priority: retries?.retryRemoteLocalities ? PREVIOUS_PRIORITIES : undefined,
    retry_back_off: retries?.backoff === undefined ? undefined : { base_interval: formatDuration(retries.backoff) },
  });
}

/** Splits retryOn into Envoy's condition names and HTTP status codes; a number that is no HTTP status stays among the names. */
export function retryConditions(retryOn: string | undefined): { conditions: string; codes: number[] } {
  if (!retryOn) return { conditions: DEFAULT_RETRY_ON, codes: [] };
  const parts = retryOn.split(',').map((part) => part.trim());
  const isCode = (part: string): boolean => /^\+?\d+$/.test(part) && STATUS_CODES[Number(part)] !== undefined;
  const codes = parts.filter(isCode).map(Number);
  const names = parts.filter((part) => part !== '' && !isCode(part)).join(',');
  if (codes.length === 0 || names.includes(STATUS_CONDITION)) return { conditions: names, codes };
  return { conditions: `${names},${STATUS_CONDITION}`, codes };
}

const PREVIOUS_HOSTS: Message = {
  name: 'envoy.retry_host_predicates.previous_hosts',
  typed_config: any('envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate'),
};

const PREVIOUS_PRIORITIES: Message = {
  name: 'envoy.retry_priorities.previous_priorities',
  typed_config: any('envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig', { update_frequency: 2 }),
};
