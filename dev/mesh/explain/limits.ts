import type { Service } from '../../../envoy/policy/services.ts';
import { isHttp2 } from '../../../envoy/policy/services.ts';
import { serviceIdentity } from '../policy-context.ts';
import { CONNECT_TIMEOUT } from '../retries.ts';
import type { TracedPolicy } from '../trace.ts';
import { inWords } from '../words.ts';
import { byDefault, follows, type Section, type Statement, said } from './explanation.ts';

const REFUSED = 'refused at once with UNAVAILABLE, OVERLOADED (over REST 503 with Retry-After: 1)';

/** What bounds the calls of one replica of the caller, and what happens to the excess. */
export function limitsSection(caller: string, service: Service, port: number, { policy, place }: TracedPolicy, retries: boolean): Section {
  const { tcp, http } = policy?.connectionPool ?? {};
  const at = (block: object | undefined, field: string) => place(block, field);
  const http2 = service.ports.some((each) => each.number === port && isHttp2(each));
  const perConnection = http?.maxRequestsPerConnection;
  const statements: Statement[] = [
    http?.http2MaxRequests
      ? said(
          `At most ${http.http2MaxRequests} calls at once from one replica of ${caller}, over all replicas of ${serviceIdentity(service)}. One more is ${REFUSED}, and never retried.`,
          at(http, 'http2MaxRequests'),
        )
      : byDefault('No limit on calls at once.'),
    http?.http1MaxPendingRequests
      ? said(
          `At most ${http.http1MaxPendingRequests} calls wait for a connection${http2 && perConnection !== 1 ? ', that is only while one is being made' : ''}. One more is ${REFUSED}.`,
          at(http, 'http1MaxPendingRequests'),
        )
      : byDefault('No limit on calls that wait for a connection.'),
    ...(retries ? [retryLimit(policy, place)] : []),
    tcp?.maxConnections
      ? said(
          `At most ${tcp.maxConnections} connections${http2 ? '; one carries many calls' : ', with one call each'}.`,
          at(tcp, 'maxConnections'),
        )
      : byDefault('No limit on connections.'),
    ...(perConnection ? [said(`A connection is closed after ${perConnection} calls.`, at(http, 'maxRequestsPerConnection'))] : []),
    ...(http?.maxConcurrentStreams
      ? [said(`At most ${http.maxConcurrentStreams} calls at once on a connection.`, at(http, 'maxConcurrentStreams'))]
      : []),
    said(
      `A connection has to stand within ${inWords(tcp?.connectTimeout ?? CONNECT_TIMEOUT)}.`,
      tcp?.connectTimeout === undefined ? undefined : at(tcp, 'connectTimeout'),
    ),
  ];
  return { title: `Limits of ${caller}'s sidecar`, statements };
}

function retryLimit(policy: TracedPolicy['policy'], place: TracedPolicy['place']): Statement {
  const http = policy?.connectionPool?.http;
  const budget = policy?.retryBudget;
  const excess = 'One more is not made: the caller gets the failure itself.';
  if (budget) {
    const text = `At most ${budget.percent ?? 20} % of the calls under way may be retries, but ${budget.minRetryConcurrency || 3} always. ${excess}`;
    return said(text, place(budget));
  }
  return http?.maxRetries
    ? said(`At most ${http.maxRetries} retries at once. ${excess}`, place(http, 'maxRetries'))
    : byDefault('No limit on retries at once: in trouble they multiply the load.');
}

/** What the callee's own sidecar lets in. */
export function calleeSection(service: Service, { policy, place }: TracedPolicy): Section {
  const http = policy?.connectionPool?.http;
  const statements: Statement[] = http?.http2MaxRequests
    ? [
        said(
          `Each replica's own sidecar lets in at most ${http.http2MaxRequests} calls at once, of all callers together. One more is answered UNAVAILABLE.`,
          place(http, 'http2MaxRequests'),
        ),
        follows('Unlike a refusal at the caller, that answer can be retried and counts for ejection.'),
      ]
    : [byDefault("Each replica's own sidecar lets in every call.")];
  statements.push(byDefault('It adds no timeout and no retry: those of the caller hold.', 'no setting for it'));
  return { title: `At ${serviceIdentity(service)}`, statements };
}
