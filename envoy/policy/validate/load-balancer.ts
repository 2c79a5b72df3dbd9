import type { LoadBalancer, OutlierDetection } from '../schema/destination-rule.ts';
import type { Path } from '../source.ts';
import { durationDefect } from './names.ts';
import type { Report } from './report.ts';

/** Largest Maglev table that Envoy allows. */
const MAX_TABLE = 5_000_011;
const TOPOLOGY_LABELS = ['topology.kubernetes.io/region', 'topology.kubernetes.io/zone', 'topology.istio.io/subzone'];

/** Checks a loadBalancer block as Istio's admission does. */
export function checkLoadBalancer(
  balancer: LoadBalancer | undefined,
  outlier: OutlierDetection | undefined,
  path: Path,
  report: Report,
): void {
  if (!balancer) return;
  checkHash(balancer.consistentHash, [...path, 'consistentHash'], report);
  if (balancer.localityLbSetting && balancer.zoneAwareLbSetting) {
    report.error(path, 'only one of localityLbSetting and zoneAwareLbSetting can be set');
  }
  checkLocality(balancer.localityLbSetting, outlier, [...path, 'localityLbSetting'], report);
  checkZones(balancer.zoneAwareLbSetting, outlier, [...path, 'zoneAwareLbSetting'], report);
  if (balancer.warmup) {
    report.check([...path, 'warmup', 'duration'], durationDefect(balancer.warmup.duration));
    if (balancer.warmup.aggression !== undefined && balancer.warmup.aggression <= 0) {
      report.error([...path, 'warmup', 'aggression'], 'aggression should be greater than 0');
    }
  }
}

function checkHash(hash: LoadBalancer['consistentHash'], path: Path, report: Report): void {
  if (!hash) return;
  if (hash.httpCookie?.name === '') report.error([...path, 'httpCookie', 'name'], 'name required for httpCookie');
  const names = new Set<string>();
  for (const [i, { name }] of (hash.httpCookie?.attributes ?? []).entries()) {
    const at = [...path, 'httpCookie', 'attributes', i];
    if (name === '') report.error(at, 'cookie attribute name cannot be empty');
    else if (names.has(name)) report.error(at, `duplicate cookie attribute name: ${name}`);
    names.add(name);
  }
  if (hash.minimumRingSize) {
    if (hash.ringHash || hash.maglev)
      report.error([...path, 'minimumRingSize'], 'only one of minimumRingSize and maglev or ringHash can be specified');
    else report.warn([...path, 'minimumRingSize'], 'minimumRingSize is deprecated, use ringHash');
  }
  if (hash.maglev) {
    const size = hash.maglev.tableSize ?? 0;
    const at = [...path, 'maglev', 'tableSize'];
    if (size === 0) report.error(at, 'tableSize must be set for maglev');
    else if (size >= MAX_TABLE) report.error(at, `tableSize must be less than ${MAX_TABLE} for maglev`);
    else if (!isPrime(size)) report.error(at, 'tableSize must be a prime number for maglev');
  }
}

/** Primality as Envoy tests it, which takes 1 for a prime. */
function isPrime(value: number): boolean {
  if (value < 4) return true;
  if (value % 2 === 0) return false;
  for (let factor = 3; factor * factor <= value; factor += 2) if (value % factor === 0) return false;
  return true;
}

function checkLocality(
  setting: LoadBalancer['localityLbSetting'],
  outlier: OutlierDetection | undefined,
  path: Path,
  report: Report,
): void {
  if (!setting) return;
  const { distribute = [], failover = [], failoverPriority = [] } = setting;
  if (distribute.length > 0 && failover.length > 0) {
    report.error(path, "can not simultaneously specify 'distribute' and 'failover'");
    return;
  }
  const topology = failover.length > 0 ? failoverPriority.find((label) => TOPOLOGY_LABELS.includes(label)) : undefined;
  if (topology) {
    report.error(
      [...path, 'failoverPriority'],
      `can not simultaneously set 'failover' and topology label '${topology}' in 'failoverPriority'`,
    );
    return;
  }
  for (const [i, { to = {} }] of distribute.entries()) {
    const weights = Object.values(to);
    const at = [...path, 'distribute', i, 'to'];
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    if (weights.some((weight) => weight <= 0 || weight > 100)) report.error(at, 'locality weight must be in range [1, 100]');
    else if (total !== 100) report.error(at, `total locality weight ${total} != 100`);
    else report.check(at, localitiesDefect(Object.keys(to)));
  }
  report.check([...path, 'distribute'], localitiesDefect(distribute.map(({ from }) => from ?? '')));
  checkFailover(failover, failoverPriority, outlier, path, report);
}

function checkZones(setting: LoadBalancer['zoneAwareLbSetting'], outlier: OutlierDetection | undefined, path: Path, report: Report): void {
  if (!setting) return;
  const topology = (setting.failoverPriority ?? []).find((label) => TOPOLOGY_LABELS.includes(label));
  if (topology)
    report.error([...path, 'failoverPriority'], `failoverPriority of zoneAwareLbSetting must not use the topology label ${topology}`);
  checkFailover(setting.failover ?? [], setting.failoverPriority ?? [], outlier, path, report);
}

function checkFailover(
  failover: readonly { readonly from?: string | undefined; readonly to?: string | undefined }[],
  priority: readonly string[],
  outlier: OutlierDetection | undefined,
  path: Path,
  report: Report,
): void {
  if (failover.length + priority.length > 0 && !outlier)
    report.warn(path, 'failover needs outlierDetection: without it no locality is known to be down');
  for (const [i, { from = '', to = '' }] of failover.entries()) {
    const at = [...path, 'failover', i];
    if (from === to) report.error(at, 'failover settings must specify different regions');
    if (from.includes('/') || to.includes('/')) report.error(at, 'failover only specifies a region');
    if (from.includes('*') || to.includes('*')) report.error(at, "failover region should not contain '*' wildcard");
  }
}

/** Localities are region, region/zone or region/zone/subzone, a wildcard only at the end; none within another. */
function localitiesDefect(localities: readonly string[]): string | undefined {
  const seen: string[][] = [];
  for (const locality of localities) {
    const stars = locality.split('*').length - 1;
    if (stars > 1 || (stars === 1 && !locality.endsWith('*')))
      return `locality ${locality} wildcard '*' number can not exceed 1 and must be in the end`;
    const [region = '', zone, ...subzone] = locality.split('/');
    const parts = [region, ...(zone === undefined ? [] : [zone]), ...(subzone.length > 0 ? [subzone.join('/')] : [])];
    if (parts.includes('')) return `locality ${locality} must not contain empty region/zone/subzone info`;
    const within = (outer: readonly string[], inner: readonly string[]): boolean =>
      outer.every((part, i) => part === '*' || part === inner[i]) && (outer.length <= inner.length || outer.at(-1) === '*');
    if (seen.some((other) => within(other, parts) || other[0] === '*')) return `locality ${locality} overlap with previous specified ones`;
    if (parts.length < 3 && seen.some((other) => parts.every((part, i) => part === other[i])))
      return `locality ${locality} overlap with previous specified ones`;
    seen.push(parts);
  }
  return undefined;
}
