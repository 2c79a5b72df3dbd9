import type { TrafficPolicy } from '../policy/schema/destination-rule.ts';

type PortPolicy = NonNullable<TrafficPolicy['portLevelSettings']>[number];

function settingsOf(policy: TrafficPolicy | undefined, port: number): PortPolicy | undefined {
  return policy?.portLevelSettings?.find((settings) => settings.port?.number === port);
}

/** The policy for one port: port-level settings replace the whole, what they leave out is Istio's default and not the rule's. */
export function policyOfPort(policy: TrafficPolicy | undefined, port: number): TrafficPolicy | undefined {
  const settings = settingsOf(policy, port);
  if (!settings) return policy;
  const { loadBalancer, connectionPool, outlierDetection, tls } = settings;
  return { loadBalancer, connectionPool, outlierDetection, tls };
}

/**
 * The policy for one port of a subset: the subset's blocks over the rule's. A subset's port-level settings replace all four blocks that they
 * can have, also those that they leave out.
 * @param rule the rule's own policy for that port
 */
export function policyOfSubset(
  rule: TrafficPolicy | undefined,
  subset: TrafficPolicy | undefined,
  port: number,
): TrafficPolicy | undefined {
  const above = policyOfPort(rule, port);
  if (!subset) return above;
  const own = policyOfPort(subset, port) ?? {};
  if (!above) return own;
  const whole = settingsOf(subset, port) !== undefined;
  return {
    loadBalancer: whole ? own.loadBalancer : (own.loadBalancer ?? above.loadBalancer),
    connectionPool: whole ? own.connectionPool : (own.connectionPool ?? above.connectionPool),
    outlierDetection: whole ? own.outlierDetection : (own.outlierDetection ?? above.outlierDetection),
    tls: whole ? own.tls : (own.tls ?? above.tls),
    tunnel: own.tunnel ?? above.tunnel,
    proxyProtocol: own.proxyProtocol ?? above.proxyProtocol,
    retryBudget: own.retryBudget ?? above.retryBudget,
  };
}
