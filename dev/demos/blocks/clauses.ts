import type { PolicyReader } from '../policy.ts';
import type { MeshMethod } from './work.ts';

/** Reads the settings that eject replicas of a host, or of a subset of it. */
export function ejectionClauses(policies: PolicyReader, host: string, subset?: string) {
  const traffic = policies.traffic(host, subset);
  return {
    errors: traffic.setting('outlierDetection', 'consecutiveGatewayErrors'),
    ejectionTime: traffic.duration('outlierDetection', 'baseEjectionTime'),
    interval: traffic.duration('outlierDetection', 'interval'),
    maxPercent: traffic.setting('outlierDetection', 'maxEjectionPercent'),
  };
}

/** Reads the longest wait for a call. */
export function timeoutClause(policies: PolicyReader, { host, method }: MeshMethod) {
  return policies.route(host, `/${method}`).duration('timeout');
}
