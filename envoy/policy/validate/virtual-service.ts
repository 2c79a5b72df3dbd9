import { isIP } from 'node:net';
import { isWildcard, overlap } from '../hosts.ts';
import type { VirtualService } from '../resources.ts';
import type { Path } from '../source.ts';
import { checkDestination, checkWeights } from './destination.ts';
import { checkExportTo } from './export-to.ts';
import { checkGateways } from './gateways.ts';
import { checkHttpRoute } from './http-route.ts';
import { hostDefect, labelsOfWorkloadDefect, portDefect, subnetDefect } from './names.ts';
import type { Report } from './report.ts';

/** Checks a VirtualService as Istio's admission does. */
export function checkVirtualService({ spec, namespace }: VirtualService, report: Report): void {
  const { hosts = [], gateways = [], http = [], tls = [], tcp = [] } = spec;
  const isDelegate = hosts.length === 0;
  if (isDelegate) {
    if (gateways.length > 0) report.error(['gateways'], 'delegate virtual service must have no gateways specified');
    if (tls.length > 0) report.error(['tls'], 'delegate virtual service must have no tls route specified');
    if (tcp.length > 0) report.error(['tcp'], 'delegate virtual service must have no tcp route specified');
  }
  checkGateways(gateways, ['gateways'], report);
  checkHosts(hosts, gateways.length === 0 || gateways.includes('mesh'), report);
  if (http.length + tls.length + tcp.length === 0) report.error([], 'http, tcp or tls must be provided in virtual service');
  for (const [i, route] of http.entries()) checkHttpRoute(route, isDelegate, ['http', i], report);
  for (const [i, route] of tls.entries()) {
    const path = ['tls', i];
    if (route.match.length === 0) report.error(path, 'TLS route must have at least one match condition');
    for (const [j, match] of route.match.entries()) {
      const at = [...path, 'match', j];
      if (match.sniHosts.length === 0) report.error(at, 'TLS match must have at least one SNI host');
      for (const host of match.sniHosts) {
        if (hostDefect(host) && isIP(host) === 0) report.check([...at, 'sniHosts'], hostDefect(host));
        else if (isIP(host) === 0 && !hosts.some((own) => isWithin(host, own))) {
          report.error(
            [...at, 'sniHosts'],
            `SNI host "${host}" is not a compatible subset of any of the virtual service hosts: [${hosts.join(', ')}]`,
          );
        }
      }
      checkL4Match(match, at, report);
    }
    if (!route.route || route.route.length === 0) report.error(path, 'TLS route is required');
    checkL4Destinations(route.route ?? [], [...path, 'route'], report);
  }
  for (const [i, route] of tcp.entries()) {
    const path = ['tcp', i];
    for (const [j, match] of (route.match ?? []).entries()) checkL4Match(match, [...path, 'match', j], report);
    if (!route.route || route.route.length === 0) report.error(path, 'TCP route is required');
    checkL4Destinations(route.route ?? [], [...path, 'route'], report);
  }
  checkExportTo(spec.exportTo, { namespace }, report);
}

function checkHosts(hosts: readonly string[], inMesh: boolean, report: Report): void {
  let valid = true;
  for (const [i, host] of hosts.entries()) {
    const defect = isIP(host) === 0 ? hostDefect(host) : undefined;
    report.check(['hosts', i], defect);
    valid &&= defect === undefined;
    if (inMesh && host === '*') report.error(['hosts', i], 'wildcard host * is not allowed for virtual services bound to the mesh gateway');
  }
  if (!valid) return;
  for (const [i, host] of hosts.entries()) {
    const other = hosts.slice(0, i).find((earlier) => overlap(earlier, host));
    if (other !== undefined) report.error(['hosts', i], `duplicate hosts in virtual service: ${other} & ${host}`);
  }
}

function isWithin(host: string, pattern: string): boolean {
  if (isWildcard(host)) return isWildcard(pattern) && host.length >= pattern.length && overlap(host, pattern);
  return overlap(host, pattern);
}

interface L4Match {
  readonly destinationSubnets?: readonly string[] | undefined;
  readonly port?: number | undefined;
  readonly sourceLabels?: Readonly<Record<string, string>> | undefined;
  readonly gateways?: readonly string[] | undefined;
}

function checkL4Match(match: L4Match, path: Path, report: Report): void {
  for (const [i, subnet] of (match.destinationSubnets ?? []).entries())
    report.check([...path, 'destinationSubnets', i], subnetDefect(subnet));
  if (match.port) report.check([...path, 'port'], portDefect(match.port));
  report.check([...path, 'sourceLabels'], labelsOfWorkloadDefect(match.sourceLabels));
  checkGateways(match.gateways ?? [], [...path, 'gateways'], report);
}

function checkL4Destinations(destinations: Parameters<typeof checkWeights>[0], path: Path, report: Report): void {
  for (const [i, { destination }] of destinations.entries()) checkDestination(destination, [...path, i, 'destination'], report);
  checkWeights(destinations, path, report);
}
