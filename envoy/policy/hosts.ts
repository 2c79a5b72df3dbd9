/** Whether a host pattern of a rule (exact, or `*` or `*.suffix`) covers a host. */
export function covers(pattern: string, host: string): boolean {
  if (!pattern.startsWith('*')) return pattern === host;
  return host.endsWith(pattern.slice(1)) && (!host.startsWith('*') || host.length >= pattern.length);
}

/**
 * Completes a host without dots by the namespace and domain of the rule that names it, as Istio does.
 * @param domain `cluster.local`, or empty (see Mesh.domain)
 */
export function completeHost(host: string, namespace: string, domain: string): string {
  if (host === '' || host.includes('.') || host === '*') return host;
  return domain === '' ? `${host}.${namespace}` : `${host}.${namespace}.svc.${domain}`;
}

/** Orders hosts by how specific they are: exact before wildcard, a longer wildcard before a shorter. */
export function bySpecificity(a: string, b: string): number {
  const wild = Number(a.startsWith('*')) - Number(b.startsWith('*'));
  return wild !== 0 ? wild : a.startsWith('*') ? b.length - a.length : 0;
}
