import { outboundTargets } from '../../../envoy/generate/clusters.ts';
import type { ConnectionPool } from '../../../envoy/policy/schema/destination-rule.ts';
import type { Scope } from '../../../envoy/policy/scope.ts';
import { isHttp, isHttp2, type Service } from '../../../envoy/policy/services.ts';
import type { PolicyContext } from '../policy-context.ts';
import { retryPlan } from '../retries.ts';
import { lineOf, type Place, placeIn } from '../trace.ts';
import type { Findings } from './advice.ts';

/** Limits that are missing or that can never be reached. */
export function checkLimits({ callers }: PolicyContext, findings: Findings): void {
  for (const { scope } of callers) {
    const retried = retriedHosts(scope);
    for (const service of scope.services) {
      const rules = scope.rule(service)?.rules ?? [];
      for (const target of outboundTargets(scope, service)) {
        if (!isHttp(target.port) || target.originalDestination) continue;
        const pool = target.policy?.connectionPool;
        const place = placeIn(rules);
        if (pool) checkPool(pool, isHttp2(target.port), (...field) => place(pool, ...field) ?? lineOf(service, []), findings);
        if (!pool?.http?.maxRetries && !target.policy?.retryBudget && retried.has(service.host)) {
          const [rule] = rules;
          const where = place(pool?.http) ?? place(pool) ?? (rule ? lineOf(rule, ['spec', 'trafficPolicy']) : lineOf(service, []));
          findings.warn('max-retries-unset', where, unlimitedRetries(service, rule !== undefined));
        }
      }
    }
  }
}

/** Hosts that some route retries calls to. */
function retriedHosts(scope: Scope): Set<string> {
  const hosts = new Set<string>();
  for (const { host } of scope.services) if (!scope.mostSpecific.has(host)) hosts.add(host);
  for (const route of scope.virtualServices.flatMap(({ http }) => http)) {
    if (retryPlan(route).tries > 1) for (const { destination } of route.route ?? []) hosts.add(destination.host);
  }
  return hosts;
}

function unlimitedRetries({ host }: Service, hasRule: boolean) {
  return {
    problem: hasRule
      ? `maxRetries is not set for ${host}, so any number of retries can be under way at once`
      : `${host} has no DestinationRule: no limit on calls and none on retries at once`,
    why: 'Istio sets no limit of its own: when a service is in trouble, retries multiply its load just then',
    instead: `connectionPool: { http: { http2MaxRequests: <calls at once>, maxRetries: <an eighth of them> } }${hasRule ? '' : ' in a DestinationRule'}`,
  };
}

type Field = 'maxConnections' | 'http1MaxPendingRequests' | 'http2MaxRequests' | 'maxRetries' | 'maxConcurrentStreams';

function checkPool({ tcp, http }: ConnectionPool, http2: boolean, at: (...field: string[]) => Place, findings: Findings): void {
  const limit = (field: Field): number | undefined => (field === 'maxConnections' ? tcp?.maxConnections : http?.[field]) || undefined;
  const place = (field: Field): Place => (field === 'maxConnections' ? at('tcp', field) : at('http', field));
  const [connections, pending, requests, retries] = (
    ['maxConnections', 'http1MaxPendingRequests', 'http2MaxRequests', 'maxRetries'] as const
  ).map(limit);
  const unreachable = (field: Field, problem: string, why: string, instead: string): void =>
    findings.warn('limit-never-reached', place(field), { problem, why, instead });

  if (retries !== undefined && requests !== undefined && retries > requests) {
    const why = 'a retry is a call like any other: the limit of calls refuses it first';
    unreachable(
      'maxRetries',
      `maxRetries ${retries} is more than http2MaxRequests ${requests}`,
      why,
      `maxRetries: ${Math.max(1, Math.floor(requests / 8))}`,
    );
  }
  if (pending !== undefined && requests !== undefined && pending > requests) {
    const why = 'as soon as the connection stands, http2MaxRequests refuses those that waited beyond it';
    const problem = `http1MaxPendingRequests ${pending} is more than http2MaxRequests ${requests}`;
    unreachable('http1MaxPendingRequests', problem, why, `http1MaxPendingRequests: ${requests}`);
  }
  const perConnection = http2 ? streamsAtOnce(http) : 1;
  const inFlight = connections !== undefined && perConnection !== undefined ? connections * perConnection : undefined;
  if (inFlight !== undefined && requests !== undefined && requests > inFlight) {
    const reason = http2
      ? `${connections} connections with ${perConnection} calls each`
      : `${connections} connections, HTTP/1.1 has one call on each`;
    const why = `${reason}: more than ${inFlight} calls are never under way; the others wait, up to http1MaxPendingRequests`;
    unreachable(
      'http2MaxRequests',
      `http2MaxRequests ${requests} is never reached`,
      why,
      `http2MaxRequests: ${inFlight}, or maxConnections: ${Math.ceil(requests / (perConnection ?? 1))}`,
    );
  }
  if (http2 && pending !== undefined && requests === undefined && http?.maxRequestsPerConnection !== 1) {
    findings.warn('limit-not-for-http2', place('http1MaxPendingRequests'), {
      problem: `http1MaxPendingRequests ${pending} limits nothing once a connection stands, and http2MaxRequests is not set`,
      why: 'over HTTP/2, and so for gRPC, calls share a connection and do not wait for one: the number of calls at once has no limit',
      instead: `http2MaxRequests: ${pending} beside it`,
    });
  }
  if (!http2 && limit('maxConcurrentStreams') !== undefined) {
    const why = 'the port speaks HTTP/1.1: a connection has one call at a time';
    unreachable(
      'maxConcurrentStreams',
      'maxConcurrentStreams on a port without HTTP/2',
      why,
      'nothing, or appProtocol: grpc (or http2) at the Service',
    );
  }
}

/** Calls that one HTTP/2 connection carries at once; undefined if the server decides. */
function streamsAtOnce(http: ConnectionPool['http']): number | undefined {
  const known = [http?.maxConcurrentStreams || undefined, http?.maxRequestsPerConnection || undefined].filter((each) => each !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}
