import { get } from 'node:http';
import { podPorts } from './topology.ts';

/** Everything here is on the same machine: an admin interface that takes longer is not going to answer. */
const patience = 1_000;

/** What an Envoy's admin interface answers at a path, undefined if there is no Envoy, or none that is well. @param host its pod address */
function ask(host: string, path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const request = get({ host, port: podPorts.admin, path, timeout: patience, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve(response.statusCode === 200 ? text : undefined));
      response.on('error', () => resolve(undefined));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(undefined));
  });
}

/** Whether an Envoy has all its configuration and takes traffic. */
export async function isReady(host: string): Promise<boolean> {
  return (await ask(host, '/ready')) !== undefined;
}

/** What an Envoy has made of its configuration files. */
export interface Uptake {
  /** The versions (DiscoveryResponse.version_info) that it runs with. */
  readonly versions: ReadonlySet<string>;
  /** How many it has refused since it was started. */
  readonly rejected: number;
}

/** Undefined if the Envoy does not answer: it will read its files when it starts. */
export async function uptake(host: string): Promise<Uptake | undefined> {
  const text = await ask(host, `/stats?filter=${encodeURIComponent('(cds|lds|rds\\.outbound)\\.(version_text|update_rejected)$')}`);
  if (text === undefined) return undefined;
  const stats = text.split('\n').flatMap((line) => {
    const [, name = '', value = ''] = /^(\S+): (.*)$/.exec(line) ?? [];
    return name === '' ? [] : [{ name, value }];
  });
  return {
    // A text is quoted.
    versions: new Set(stats.flatMap(({ name, value }) => (name.endsWith('version_text') ? [value.replaceAll('"', '')] : []))),
    rejected: stats.reduce((sum, { name, value }) => sum + (name.endsWith('update_rejected') ? Number(value) : 0), 0),
  };
}

/** How many connections of callers a sidecar has; 0 if it does not answer. */
export async function callerConnections(host: string): Promise<number> {
  const text = (await ask(host, `/stats?filter=${encodeURIComponent('^http\\.inbound_\\d+\\.downstream_cx_active$')}`)) ?? '';
  return text.split('\n').reduce((sum, line) => sum + Number(line.split(': ')[1] ?? 0), 0);
}

/**
 * Why an Envoy has refused its configuration the last time, as its log has it; undefined if it never has.
 *
 * @param log the text of its log
 */
export function lastRefusal(log: string): string | undefined {
  // A violated constraint is told after the whole resource, which is written over many lines.
  const entry = log.split(/^(?=\[\d{4}-\d\d-\d\d )/m).findLast((each) => each.includes('update rejected: '));
  const reason = entry?.split('update rejected: ')[1]?.trim();
  return /Proto constraint validation failed \((.*)\)$/s.exec(reason ?? '')?.[1] ?? reason?.split('\n')[0];
}
