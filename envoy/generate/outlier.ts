import { type Message, message } from '../json.ts';
import { formatDuration } from '../policy/duration.ts';
import type { OutlierDetection } from '../policy/schema/destination-rule.ts';

/** A cluster's outlier_detection. Ejection by success rate is always off: Istio has no setting for it. */
export function outlierDetection(rule: OutlierDetection | undefined): Message | undefined {
  if (!rule) return undefined;
  const split = rule.splitExternalLocalOriginErrors === true;
  const localFailures = split ? rule.consecutiveLocalOriginFailures || undefined : undefined;
  return message({
    split_external_local_origin_errors: split || undefined,
    consecutive_5xx: rule.consecutive5xxErrors,
    enforcing_consecutive_5xx: enforcing(rule.consecutive5xxErrors),
    consecutive_gateway_failure: rule.consecutiveGatewayErrors,
    enforcing_consecutive_gateway_failure: enforcing(rule.consecutiveGatewayErrors),
    consecutive_local_origin_failure: localFailures,
    enforcing_consecutive_local_origin_failure: enforcing(localFailures),
    enforcing_local_origin_success_rate: split ? 0 : undefined,
    enforcing_success_rate: 0,
    interval: rule.interval === undefined ? undefined : formatDuration(rule.interval),
    base_ejection_time: rule.baseEjectionTime === undefined ? undefined : formatDuration(rule.baseEjectionTime),
    max_ejection_percent: rule.maxEjectionPercent || undefined,
  });
}

/** A count of 0 switches its kind of ejection off; Envoy says that by a share of 0 %. */
function enforcing(count: number | undefined): number | undefined {
  return count === undefined ? undefined : count > 0 ? 100 : 0;
}
