/** What an operator decides about the edge. */
export interface EdgeSettings {
  /** Origins whose pages may call, `*` for all; undefined for those of the own machine. */
  readonly corsOrigins: readonly string[] | undefined;
  /** Host names under which callers reach the edge besides OWN_HOSTS, in lower case, without a port; `*` for all. */
  readonly hosts: readonly string[];
  /** Proxies in front of the edge that each add the address of their client to x-forwarded-for, such as an ingress. */
  readonly trustedHops: number;
  /** Requests of one client address per second, on average; up to twice as many at once. */
  readonly requestsPerSecond: number;
  /** Names of the systems whose methods the edge offers; undefined for all of the contracts. */
  readonly systems: readonly string[] | undefined;
  /** Whether the edge offers gRPC server reflection. */
  readonly offersReflection: boolean;
  /** Whether the edge offers the API page and its documents. */
  readonly offersApiPage: boolean;
}

/** More than one client of the web app or of a shop ever sends, and less than what stops the system. */
const REQUESTS_PER_SECOND = 2000;

/** Names of this machine. A page cannot make a browser send one of them for a name of its own, so DNS rebinding reads nothing. */
export const OWN_HOSTS: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Reads the settings from environment variables. A variable that is empty counts as not set, except CORS_ORIGINS, where it means none.
 *
 * | variable | value | default |
 * | --- | --- | --- |
 * | CORS_ORIGINS | origins, separated by commas, or `*` | origins of the own machine |
 * | EDGE_HOSTS | host names, separated by commas, or `*` | none besides OWN_HOSTS |
 * | EDGE_TRUSTED_HOPS | number of proxies | 0 |
 * | EDGE_REQUESTS_PER_SECOND | number, more than 0 | 2000 |
 * | SYSTEMS | names of systems, separated by commas | all systems of the contracts |
 * | EDGE_REFLECTION, EDGE_API_PAGE | `on` or `off` | `on` |
 *
 * @throws Error that names the variable, for a value that cannot be understood
 */
export function edgeSettings(environment: NodeJS.ProcessEnv = process.env): EdgeSettings {
  return {
    corsOrigins: origins('CORS_ORIGINS', environment),
    hosts: hosts('EDGE_HOSTS', environment),
    trustedHops: wholeNumber('EDGE_TRUSTED_HOPS', { from: 0, byDefault: 0 }, environment),
    requestsPerSecond: wholeNumber('EDGE_REQUESTS_PER_SECOND', { from: 1, byDefault: REQUESTS_PER_SECOND }, environment),
    systems: environment.SYSTEMS ? environment.SYSTEMS.split(',').map((name) => name.trim()) : undefined,
    offersReflection: isOn('EDGE_REFLECTION', environment),
    offersApiPage: isOn('EDGE_API_PAGE', environment),
  };
}

/** Whether the edge offers a proto package, such as `rentcar.car.v1`: its first word names a system. */
export function offersPackage({ systems }: EdgeSettings, protoPackage: string): boolean {
  const [system = ''] = protoPackage.split('.');
  return systems === undefined || systems.includes(system);
}

function origins(name: string, environment: NodeJS.ProcessEnv): readonly string[] | undefined {
  const given = environment[name]?.split(',').map((origin) => origin.trim());
  for (const origin of given ?? []) {
    if (origin !== '*' && origin !== '' && (!URL.canParse(origin) || new URL(origin).origin !== origin))
      throw new Error(`${name}: "${origin}" is not an origin, such as https://shop.example`);
  }
  return given?.filter((origin) => origin !== '');
}

/** A DNS name, an IPv4 address, or an IPv6 address in brackets. */
const HOST_NAME = /^([a-z0-9-]+(\.[a-z0-9-]+)*|\[[0-9a-f:]+\])$/;

function hosts(name: string, environment: NodeJS.ProcessEnv): readonly string[] {
  const given = (environment[name] ?? '')
    .split(',')
    .map((host) => host.trim().toLowerCase())
    .filter((host) => host !== '');
  for (const host of given) {
    if (host !== '*' && !HOST_NAME.test(host))
      throw new Error(`${name}: "${host}" is not a host name, such as shop.example, without a port`);
  }
  return given;
}

function wholeNumber(
  name: string,
  { from, byDefault }: { readonly from: number; readonly byDefault: number },
  environment: NodeJS.ProcessEnv,
): number {
  const value = environment[name] || String(byDefault);
  if (!/^\d{1,9}$/.test(value) || Number(value) < from) throw new Error(`${name}: "${value}" is not a whole number, ${from} or more`);
  return Number(value);
}

function isOn(name: string, environment: NodeJS.ProcessEnv): boolean {
  const value = environment[name] || 'on';
  if (value !== 'on' && value !== 'off') throw new Error(`${name}: "${value}" is neither on nor off`);
  return value === 'on';
}
