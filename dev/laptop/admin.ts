import { get } from 'node:http';

/** How long an admin interface may take. A busy machine can take longer: then it is slow, and not gone. */
const PATIENCE_MS = 1_000;

/** Why an admin interface has not answered: no Envoy listens, or the Envoy took too long. */
export type Silence = 'absent' | 'slow';

/**
 * Asks the admin interface of an Envoy.
 *
 * @param socket path of its Unix socket
 * @throws Error if it answers with another status than 200
 */
export function askAdmin(socket: string, path: string, patience = PATIENCE_MS): Promise<string | Silence> {
  return new Promise((resolve, reject) => {
    // Envoy wants a host, and takes any.
    const request = get({ socketPath: socket, host: 'envoy', path, timeout: patience, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => {
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`the Envoy answered ${response.statusCode} to ${path}: ${text.trim()}`));
      });
      response.on('error', () => resolve('absent'));
    });
    request.on('timeout', () => {
      resolve('slow');
      request.destroy();
    });
    request.on('error', () => resolve('absent'));
  });
}

/** Whether an Envoy has all its configuration and takes traffic. */
export async function isReady(socket: string): Promise<boolean> {
  const answer = await askAdmin(socket, '/ready').catch(() => 'absent');
  return answer !== 'absent' && answer !== 'slow';
}

/** What an Envoy has made of its configuration files. */
export interface Uptake {
  /** The versions (DiscoveryResponse.version_info) that it runs with, of all its files. */
  readonly versions: ReadonlySet<string>;
  /** How many it has refused since it was started. */
  readonly rejected: number;
}

/** Undefined if no Envoy listens: it will read its files when it starts. */
export async function uptake(socket: string): Promise<Uptake | 'slow' | undefined> {
  const text = await askAdmin(
    socket,
    `/stats?filter=${encodeURIComponent('(cds|lds|rds\\.(outbound|front))\\.(version_text|update_rejected)$')}`,
  );
  if (text === 'absent') return undefined;
  if (text === 'slow') return text;
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

/** How many connections of callers a sidecar has; 0 if it is gone. */
export async function callerConnections(socket: string): Promise<number | 'slow'> {
  const text = await askAdmin(socket, `/stats?filter=${encodeURIComponent('^http\\.inbound_\\d+\\.downstream_cx_active$')}`);
  if (text === 'absent') return 0;
  if (text === 'slow') return text;
  return text.split('\n').reduce((sum, line) => sum + Number(line.split(': ')[1] ?? 0), 0);
}

/**
 * Why an Envoy has refused its configuration the last time, as its log has it; undefined if it never has.
 *
 * @param log the text of its log
 */
export function lastRefusal(log: string): string | undefined {
  // Envoy logs the whole resource, over many lines, before the violated constraint.
  const entry = log.split(/^(?=\[\d{4}-\d\d-\d\d )/m).findLast((each) => each.includes('update rejected: '));
  const reason = entry?.split('update rejected: ')[1]?.trim();
  return /Proto constraint validation failed \((.*)\)$/s.exec(reason ?? '')?.[1] ?? reason?.split('\n')[0];
}
