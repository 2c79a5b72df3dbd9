import type { Message } from '../json.ts';

/**
 * Istio has a listener and a route configuration for each port, since redirection keeps the port that was called. Here all calls come to
 * one listener, and the port is known from the authority: this makes one configuration whose domains carry it.
 */
export function onOneListener(routes: readonly Message[]): Message {
  return {
    name: 'outbound',
    // The attempt number reaches the callee as x-envoy-attempt-count.
    virtual_hosts: [
      ...routes.flatMap((route) => virtualHosts(route).map((host) => ({ ...host, domains: withPort(host, String(route.name)) }))),
      {
        name: 'block_all',
        domains: ['*'],
        routes: [{ name: 'block_all', match: { prefix: '/' }, direct_response: { status: 502 } }],
      },
    ],
  };
}

function virtualHosts(route: Message): Message[] {
  const hosts = route.virtual_hosts;
  return Array.isArray(hosts) ? hosts : [];
}

function withPort(host: Message, port: string): string[] {
  const domains: unknown[] = Array.isArray(host.domains) ? host.domains : [];
  return domains.flatMap((domain) => {
    const name = String(domain);
    return port === '80' ? [name, `${name}:80`] : [`${name}:${port}`];
  });
}
