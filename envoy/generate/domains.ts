import { isIP } from 'node:net';
import type { Service } from '../policy/services.ts';

/** The domains of a route configuration: each belongs to one virtual host, the first that asks for it. */
export class Domains {
  readonly #taken = new Set<string>();
  /** Hosts that are services: a short name of another service may not take their place. */
  readonly #hosts: ReadonlySet<string>;

  constructor(hosts: Iterable<string>) {
    this.#hosts = new Set(hosts);
  }

  /** Takes those of the domains that are free. */
  take(domains: readonly string[], shortForms: ReadonlySet<string> = new Set()): string[] {
    const free: string[] = [];
    for (const domain of domains) {
      if (this.#taken.has(domain.toLowerCase()) || (shortForms.has(domain) && this.#hosts.has(domain))) continue;
      this.#taken.add(domain.toLowerCase());
      free.push(domain);
    }
    return free;
  }

  /** Takes the names under which workloads of a namespace can address a service, those that are free. */
  takeFor(service: Service, namespace: string): string[] {
    const alternatives = alternativesOf(service.host, namespace);
    return this.take([service.host, ...alternatives, ...service.addresses], new Set(alternatives));
  }
}

/** Other ways to write a host: with a dot at the end, and the short forms of a Kubernetes service; the bare name only within its namespace. */
function alternativesOf(host: string, namespace: string): string[] {
  const absolute = isIP(host) ? [] : [`${host}.`];
  if (!host.endsWith('.svc.cluster.local')) return absolute;
  const qualified = host.slice(0, host.indexOf('.svc.'));
  const dot = qualified.indexOf('.');
  if (dot < 0) return absolute;
  const short = [`${qualified}.svc`, qualified];
  return [...absolute, ...(qualified.slice(dot + 1) === namespace ? [qualified.slice(0, dot)] : []), ...short];
}
