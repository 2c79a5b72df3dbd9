import type { DestinationRule } from '../resources.ts';
import type { ConnectionPool, OutlierDetection, TrafficPolicy } from '../schema/destination-rule.ts';
import type { Path } from '../source.ts';
import { checkExportTo } from './export-to.ts';
import { checkLoadBalancer } from './load-balancer.ts';
import {
  durationDefect,
  fqdnDefect,
  hostDefect,
  labelsOfWorkloadDefect,
  portDefect,
  selectorDefect,
  subnetDefect,
  subsetDefect,
} from './names.ts';
import type { Report } from './report.ts';

/** Checks a DestinationRule as Istio's admission does. */
export function checkDestinationRule({ spec, namespace }: DestinationRule, report: Report): void {
  report.check(['host'], hostDefect(spec.host));
  checkTrafficPolicy(spec.trafficPolicy, ['trafficPolicy'], report);
  const names = new Set<string>();
  for (const [i, subset] of (spec.subsets ?? []).entries()) {
    const path = ['subsets', i];
    if (names.has(subset.name)) report.error([...path, 'name'], `duplicate subset names: ${subset.name}`);
    names.add(subset.name);
    report.check([...path, 'name'], subsetDefect(subset.name));
    report.check([...path, 'labels'], labelsOfWorkloadDefect(subset.labels));
    checkTrafficPolicy(subset.trafficPolicy, [...path, 'trafficPolicy'], report);
  }
  checkExportTo(spec.exportTo, { namespace, ownNamespaceOnly: spec.workloadSelector !== undefined }, report);
  report.check(['workloadSelector', 'matchLabels'], selectorDefect(spec.workloadSelector?.matchLabels));
  if (spec.workloadSelector && Object.keys(spec.workloadSelector.matchLabels ?? {}).length === 0) {
    report.warn(['workloadSelector'], 'a workload selector without labels selects every caller in the namespace');
  }
}

function checkTrafficPolicy(policy: TrafficPolicy | undefined, path: Path, report: Report): void {
  if (!policy) return;
  if (Object.values(policy).every((field) => field === undefined || (Array.isArray(field) && field.length === 0))) {
    report.error(path, 'traffic policy must have at least one field');
    return;
  }
  if (policy.tunnel && policy.proxyProtocol) {
    report.error(path, 'tunnel and proxyProtocol must not be set together');
    return;
  }
  checkPortPolicy(policy, path, report);
  for (const [i, settings] of (policy.portLevelSettings ?? []).entries()) {
    const below = [...path, 'portLevelSettings', i];
    if (!settings.port) report.error(below, 'port-level settings must have a port');
    const { loadBalancer, connectionPool, outlierDetection, tls } = settings;
    if (!loadBalancer && !connectionPool && !outlierDetection && !tls) {
      report.error(below, 'port traffic policy must have at least one field');
    } else checkPortPolicy(settings, below, report);
  }
  if (policy.tunnel) {
    const { protocol, targetHost, targetPort } = policy.tunnel;
    if (protocol && protocol !== 'CONNECT' && protocol !== 'POST')
      report.error([...path, 'tunnel', 'protocol'], 'tunnel protocol must be "CONNECT" or "POST"');
    if (fqdnDefect(targetHost) && (targetHost.includes('/') || subnetDefect(targetHost))) {
      report.error([...path, 'tunnel', 'targetHost'], 'tunnel target host must be valid FQDN or IP address');
    }
    report.check([...path, 'tunnel', 'targetPort'], portDefect(targetPort));
  }
}

type PortPolicy = Pick<TrafficPolicy, 'loadBalancer' | 'connectionPool' | 'outlierDetection' | 'tls'>;

function checkPortPolicy(policy: PortPolicy, path: Path, report: Report): void {
  checkOutlierDetection(policy.outlierDetection, [...path, 'outlierDetection'], report);
  checkConnectionPool(policy.connectionPool, [...path, 'connectionPool'], report);
  checkLoadBalancer(policy.loadBalancer, policy.outlierDetection, [...path, 'loadBalancer'], report);
  checkTls(policy.tls, [...path, 'tls'], report);
}

function checkOutlierDetection(rule: OutlierDetection | undefined, path: Path, report: Report): void {
  if (!rule) return;
  checkDurations(rule, ['baseEjectionTime', 'interval'], path, report);
  if (!rule.splitExternalLocalOriginErrors && (rule.consecutiveLocalOriginFailures ?? 0) > 0) {
    const field = [...path, 'consecutiveLocalOriginFailures'];
    report.error(field, 'consecutiveLocalOriginFailures counts only with splitExternalLocalOriginErrors: true');
  }
  for (const field of ['maxEjectionPercent', 'minHealthPercent'] as const) {
    const percent = rule[field] ?? 0;
    if (percent < 0 || percent > 100) report.error([...path, field], `percentage ${percent} is not in range 0..100`);
  }
  if (rule.consecutiveErrors) {
    report.warn(
      [...path, 'consecutiveErrors'],
      'consecutiveErrors has no effect in Istio any more; use consecutiveGatewayErrors or consecutive5xxErrors',
    );
  }
  if (rule.outlierDetectionHttpErrorCodes) {
    report.warn([...path, 'outlierDetectionHttpErrorCodes'], 'outlierDetectionHttpErrorCodes has no effect in the sidecars of Istio 1.31');
  }
}

function checkConnectionPool(pool: ConnectionPool | undefined, path: Path, report: Report): void {
  if (!pool) return;
  const { tcp, http } = pool;
  if (!tcp && !http) report.error(path, 'connection pool must have at least one field');
  if (http) {
    const below = [...path, 'http'];
    const limits = [
      'http1MaxPendingRequests',
      'http2MaxRequests',
      'maxRequestsPerConnection',
      'maxRetries',
      'maxConcurrentStreams',
    ] as const;
    for (const field of limits) if ((http[field] ?? 0) < 0) report.error([...below, field], `${field} must be non-negative`);
    checkDurations(http, ['idleTimeout'], below, report);
    if (http.h2UpgradePolicy === 'UPGRADE' && http.useClientProtocol) {
      report.error([...below, 'useClientProtocol'], 'useClientProtocol must not be true when h2UpgradePolicy is UPGRADE');
    }
    if (http.http2KeepAlive) {
      for (const field of ['interval', 'timeout'] as const) {
        if (http.http2KeepAlive[field] === undefined) report.error([...below, 'http2KeepAlive'], `http2KeepAlive.${field} is required`);
      }
      checkDurations(http.http2KeepAlive, ['interval', 'timeout'], [...below, 'http2KeepAlive'], report);
    }
  }
  if (tcp) {
    const below = [...path, 'tcp'];
    if ((tcp.maxConnections ?? 0) < 0) report.error([...below, 'maxConnections'], 'maxConnections must be non-negative');
    checkDurations(tcp, ['connectTimeout', 'maxConnectionDuration'], below, report);
    // 0 switches the idle timeout off; Istio takes less than a millisecond for 0.
    if (tcp.idleTimeout !== undefined && Math.trunc(tcp.idleTimeout / 1e6) !== 0) checkDurations(tcp, ['idleTimeout'], below, report);
    if (tcp.tcpKeepalive) checkDurations(tcp.tcpKeepalive, ['time', 'interval'], [...below, 'tcpKeepalive'], report);
  }
}

function checkDurations<K extends string>(
  values: { readonly [F in K]?: number | undefined },
  fields: readonly K[],
  path: Path,
  report: Report,
): void {
  for (const field of fields) {
    const value = values[field];
    if (value !== undefined) report.check([...path, field], durationDefect(value));
  }
}

function checkTls(tls: TrafficPolicy['tls'], path: Path, report: Report): void {
  if (!tls) return;
  const { mode = 'DISABLE' } = tls;
  if (tls.insecureSkipVerify && mode === 'SIMPLE' && (tls.caCertificates || tls.credentialName || tls.subjectAltNames?.length)) {
    report.error(path, 'cannot specify caCertificates or credentialName or subjectAltNames when insecureSkipVerify is set true');
  }
  if (tls.insecureSkipVerify && mode === 'MUTUAL' && (tls.caCertificates || tls.subjectAltNames?.length)) {
    report.error(path, 'cannot specify caCertificates or subjectAltNames when insecureSkipVerify is set true');
  }
  if ((mode === 'SIMPLE' || mode === 'MUTUAL') && tls.credentialName) {
    if (tls.clientCertificate || tls.caCertificates || tls.privateKey || tls.caCrl) {
      report.error(path, 'cannot specify client certificates or CA certificate or CA CRL if credentialName is set');
    }
  } else if (mode === 'MUTUAL') {
    if (!tls.clientCertificate) report.error(path, 'client certificate required for mutual tls');
    if (!tls.privateKey) report.error(path, 'private key required for mutual tls');
  }
}
