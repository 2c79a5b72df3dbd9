/** Name of the cluster for calls to a port of a service, or to one subset of it. Statistics are named after it. */
export function outboundCluster(port: number, subset: string, host: string): string {
  return `outbound|${port}|${subset}|${host}`;
}

/** Name of the cluster of the workload's own port. */
export function inboundCluster(port: number): string {
  return `inbound|${port}||`;
}
