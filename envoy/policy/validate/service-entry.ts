import { isIP } from 'node:net';
import { isWildcard } from '../hosts.ts';
import type { ServiceEntry, WorkloadEntry } from '../resources.ts';
import type { WorkloadEntrySpec } from '../schema/services.ts';
import type { Protocol, Service } from '../services.ts';
import type { Path } from '../source.ts';
import { checkExportTo } from './export-to.ts';
import { fqdnDefect, hostDefect, isDnsLabel, labelsOfWorkloadDefect, selectorDefect, subnetDefect } from './names.ts';
import type { Report } from './report.ts';

const UNIX = 'unix://';
const NAMED_BY_HOST: readonly Protocol[] = ['HTTP', 'HTTP2', 'HTTP_PROXY', 'GRPC', 'GRPC_WEB', 'HTTPS', 'TLS'];
const PROTOCOLS = ['tcp', 'udp', 'grpc', 'grpc-web', 'http', 'http_proxy', 'http2', 'https', 'tls', 'mongo', 'redis', 'mysql'];

/**
 * Checks a ServiceEntry as Istio's admission does.
 * @param service what was made of its first host
 */
export function checkServiceEntry({ spec, namespace }: ServiceEntry, service: Service | undefined, report: Report): void {
  const { resolution = 'NONE', endpoints = [], addresses = [], ports = [], hosts } = spec;
  report.check(['workloadSelector', 'labels'], selectorDefect(spec.workloadSelector?.labels));
  if (spec.workloadSelector && endpoints.length > 0) report.error(['endpoints'], 'only one of workloadSelector and endpoints is allowed');
  if (spec.workloadSelector && resolution === 'NONE')
    report.warn(['workloadSelector'], 'workloadSelector should not be set when resolution is NONE');
  for (const [i, host] of hosts.entries()) report.check(['hosts', i], hostDefect(host));
  for (const [i, address] of addresses.entries()) report.check(['addresses', i], subnetDefect(address));
  if (addresses.some((address) => address.includes('/')) && resolution !== 'NONE' && resolution !== 'STATIC') {
    report.error(['addresses'], 'CIDR addresses are allowed only for NONE/STATIC resolution types');
  }
  const names = new Set<string>();
  for (const [i, port] of ports.entries()) {
    if (names.has(port.name)) report.error(['ports', i, 'name'], `service entry port name "${port.name}" already defined`);
    names.add(port.name);
    if (!isDnsLabel(port.name)) report.error(['ports', i, 'name'], `invalid port name: ${port.name}`);
    if (port.protocol && !PROTOCOLS.includes(port.protocol.toLowerCase()))
      report.error(['ports', i, 'protocol'], `unsupported protocol: ${port.protocol}`);
  }
  if (resolution === 'NONE' && endpoints.length > 0) report.error(['endpoints'], 'no endpoints should be provided for resolution NONE');
  for (const [i, endpoint] of endpoints.entries())
    checkEndpoint(endpoint, ['endpoints', i], report, { names, dns: resolution !== 'STATIC' });
  if (resolution === 'DNS' || resolution === 'DNS_ROUND_ROBIN') {
    const bad = endpoints.length === 0 ? hosts.findIndex((host) => fqdnDefect(host) !== undefined) : -1;
    if (bad >= 0) report.error(['hosts', bad], `without endpoints, hosts of resolution ${resolution} must be names without wildcards`);
    if (resolution === 'DNS_ROUND_ROBIN' && endpoints.length > 1)
      report.error(['endpoints'], 'there must only be 0 or 1 endpoint for resolution DNS_ROUND_ROBIN');
  }
  if (resolution === 'DYNAMIC_DNS') {
    const bad = hosts.findIndex((host) => !isWildcard(host));
    if (bad >= 0) report.error(['hosts', bad], 'host must be wildcarded for resolution DYNAMIC_DNS');
    if (addresses.length > 0) report.error(['addresses'], 'addresses cannot be set for resolution DYNAMIC_DNS');
    if (endpoints.length > 0) report.error(['endpoints'], 'endpoints cannot be set for resolution DYNAMIC_DNS');
    if (service?.ports.some(({ protocol }) => !['HTTP', 'HTTP2', 'GRPC', 'TLS'].includes(protocol))) {
      report.error(['ports'], 'only HTTP, TLS, GRPC, and HTTP2 protocols are supported for resolution DYNAMIC_DNS');
    }
  }
  if (resolution !== 'NONE' && hosts.length > 1 && service?.ports.some(({ protocol }) => !NAMED_BY_HOST.includes(protocol))) {
    report.error(['hosts'], 'multiple hosts provided with non-HTTP, non-TLS ports');
  }
  checkExportTo(spec.exportTo, { namespace, none: true }, report);
}

/** Checks a WorkloadEntry as Istio's admission does. */
export function checkWorkloadEntry({ spec }: WorkloadEntry, report: Report): void {
  checkEndpoint(spec, [], report, { dns: true });
}

interface EndpointRules {
  /** Names of the service's ports; undefined if the service is not known. */
  readonly names?: ReadonlySet<string>;
  /** Whether the address may be a name. */
  readonly dns: boolean;
}

function checkEndpoint(endpoint: WorkloadEntrySpec, path: Path, report: Report, { names, dns }: EndpointRules): void {
  const { address = '', ports = {}, labels } = endpoint;
  if (address.startsWith(UNIX)) {
    if (Object.keys(ports).length > 0) report.error([...path, 'ports'], `unix endpoint ${address} must not include ports`);
  } else if (address !== '' && isIP(address) === 0 && (!dns || fqdnDefect(address) !== undefined)) {
    report.error([...path, 'address'], `endpoint address "${address}" is not a valid ${dns ? 'FQDN or an ' : ''}IP address`);
  } else if (address === '' && !endpoint.network) report.error([...path, 'address'], 'address is required');
  for (const name of Object.keys(ports)) {
    if (names && !names.has(name)) report.error([...path, 'ports', name], `endpoint port ${name} is not defined by the service entry`);
    if (!isDnsLabel(name)) report.error([...path, 'ports', name], `invalid port name: ${name}`);
  }
  report.check([...path, 'labels'], labelsOfWorkloadDefect(labels));
}
