/** Environment variable: host names under which callers reach the edge, separated by commas, or `*` for all. */
const SETTING = 'EDGE_HOSTS';

/** Names of this machine. A page cannot make a browser send one of them for a name of its own, so DNS rebinding reads nothing. */
export const OWN_HOSTS: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Returns the host names of the setting besides those of the own machine.
 *
 * @throws Error for a value that is no host name, such as one with a port
 */
export function edgeHosts(environment: NodeJS.ProcessEnv = process.env): readonly string[] {
  const hosts = (environment[SETTING] ?? '')
    .split(',')
    .map((host) => host.trim().toLowerCase())
    .filter((host) => host !== '');
  for (const host of hosts) {
    if (host !== '*' && !HOST_NAME.test(host))
      throw new Error(`${SETTING}: "${host}" is not a host name, such as shop.example, without a port`);
  }
  return hosts;
}

/** A DNS name, an IPv4 address, or an IPv6 address in brackets. */
const HOST_NAME = /^([a-z0-9-]+(\.[a-z0-9-]+)*|\[[0-9a-f:]+\])$/;
