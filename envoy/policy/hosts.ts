/** Whether a host is a pattern: `*` or `*.suffix`. */
export function isWildcard(host: string): boolean {
  return host.startsWith('*');
}

/** Whether two hosts, each exact or a pattern, have a host in common, as Istio understands patterns. */
export function overlap(a: string, b: string): boolean {
  if (isWildcard(a) && isWildcard(b)) return a.length < b.length ? b.slice(1).endsWith(a.slice(1)) : a.slice(1).endsWith(b.slice(1));
  if (isWildcard(a)) return b.endsWith(a.slice(1));
  if (isWildcard(b)) return a.endsWith(b.slice(1));
  return a === b;
}

/** Of the hosts in a map, the most specific one that covers `host`: the same host, else the longest pattern. */
export function mostSpecific<T>(host: string, byHost: ReadonlyMap<string, T>): T | undefined {
  const same = byHost.get(host);
  if (same !== undefined) return same;
  const tail = isWildcard(host) ? host.slice(1) : host;
  let best: string | undefined;
  for (const pattern of byHost.keys()) {
    if (!isWildcard(pattern) || !tail.endsWith(pattern.slice(1))) continue;
    if (best === undefined || pattern.length > best.length || (pattern.length === best.length && pattern < best)) best = pattern;
  }
  return best === undefined ? undefined : byHost.get(best);
}

/**
 * Completes a host without dots by the namespace and domain of the rule that names it, as Istio does.
 * @param domain `cluster.local`, or empty (see Mesh.domain)
 */
export function completeHost(host: string, namespace: string, domain: string): string {
  if (host === '' || host.includes('.') || host.includes(':') || host === '*') return host;
  return domain === '' ? `${host}.${namespace}` : `${host}.${namespace}.svc.${domain}`;
}
