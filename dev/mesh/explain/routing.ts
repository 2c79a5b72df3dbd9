import type { HttpRoute } from '../../../envoy/policy/schema/virtual-service.ts';
import { conditionsInWords } from '../conditions.ts';
import type { Candidate, Resolution } from '../match.ts';
import { serviceIdentity } from '../policy-context.ts';
import { CONNECT_TIMEOUT, longestWait, retriesTimeouts, retryPlan } from '../retries.ts';
import type { TracedPolicy, TracedRoute } from '../trace.ts';
import { counted, inWords, listed } from '../words.ts';
import { byDefault, follows, type Section, type Statement, said } from './explanation.ts';
import type { Asked } from './names.ts';

/** Which route the call takes, and what the route does to it. */
export function routeSection({ service, path, caller }: Asked, { isRouted, conditional, certain }: Resolution): Section {
  const statements: Statement[] = conditional.map((candidate) =>
    said(`If ${listed(candidate.conditions, 'and')}: ${nameOf(candidate)}, which is not explained here.`, placeOf(candidate)),
  );
  const otherwise = conditional.length > 0 ? 'Otherwise: ' : '';
  if (!isRouted) statements.push(byDefault(`No VirtualService that ${caller.name} sees is about ${service.host}: every path goes to it.`));
  else if (!certain) {
    statements.push(follows(`${otherwise}no route takes ${path}: ${caller.name}'s sidecar answers UNIMPLEMENTED (HTTP 404).`));
  } else {
    statements.push(said(`${otherwise}${path} takes ${nameOf(certain)}.`, placeOf(certain)), ...actions(certain.traced));
  }
  return { title: 'Route', statements };
}

function nameOf({ traced: { route, resource } }: Candidate): string {
  return `${route.name ? `route "${route.name}"` : 'a route'} of VirtualService ${resource.namespace}/${resource.name}`;
}

function placeOf({ traced, match }: Candidate) {
  return match === undefined ? traced.place() : traced.place('match', match);
}

/** What the route does beside passing on. */
function actions({ route, place }: TracedRoute): Statement[] {
  const { redirect, directResponse, fault, rewrite } = route;
  const mirrors = [...(route.mirror ? [route.mirror] : []), ...(route.mirrors ?? []).map(({ destination }) => destination)];
  return [
    ...(redirect ? [said('It answers with a redirect, and passes nothing on.', place('redirect'))] : []),
    ...(directResponse ? [said(`It answers HTTP ${directResponse.status} itself, and passes nothing on.`, place('directResponse'))] : []),
    ...(fault?.delay?.fixedDelay
      ? [
          said(
            `Fault: ${share(fault.delay.percentage?.value ?? fault.delay.percent ?? 0)} of the calls wait ${inWords(fault.delay.fixedDelay)} before they are passed on; neither timeout nor retries cover this.`,
            place('fault', 'delay'),
          ),
        ]
      : []),
    ...(fault?.abort
      ? [
          said(
            `Fault: ${share(fault.abort.percentage?.value ?? 100)} of the calls are answered ${fault.abort.grpcStatus ?? `HTTP ${fault.abort.httpStatus ?? ''}`} at once, and not retried.`,
            place('fault', 'abort'),
          ),
        ]
      : []),
    ...(rewrite ? [said(`Rewritten on the way: ${listed(Object.keys(rewrite), 'and')}.`, place('rewrite'))] : []),
    ...(route.headers ? [said('Headers are changed on the way.', place('headers'))] : []),
    ...(mirrors.length > 0
      ? [
          said(
            `A copy of the call goes to ${listed(
              mirrors.map(({ host }) => host),
              'and',
            )}; its answer is dropped.`,
            place(route.mirror ? 'mirror' : 'mirrors'),
          ),
        ]
      : []),
  ];
}

function share(percent: number): string {
  return `${percent} %`;
}

/** How often the call is tried, and on what. */
export function triesSection(traced: TracedRoute | undefined, hashed: boolean): Section {
  const route = traced?.route;
  const plan = retryPlan(route);
  const at = (...field: string[]) => (route?.retries && hasField(route.retries, field[0]) ? traced?.place('retries', ...field) : undefined);
  if (plan.tries === 1) return { title: 'Tries', statements: [said('One try: nothing is retried.', traced?.place('retries', 'attempts'))] };
  const conditions = conditionsInWords(plan.conditions, plan.codes);
  const perTry = route?.retries?.perTryTimeout;
  const statements = [
    said(`Up to ${plan.tries} tries: the first and ${counted(plan.tries - 1, 'retry', 'retries')}.`, at('attempts')),
    said(`Tried again if ${conditions.join('; ')}. Anything else goes to the caller as it is.`, at('retryOn')),
    said(
      `Before a retry it waits at random: ${plan.waits.map((wait, i) => `up to ${inWords(wait)} before the ${ordinal(i + 1)}`).join(', ')}.`,
      at('backoff'),
    ),
    plan.perTryTimeout === undefined
      ? said(
          perTry === undefined
            ? 'A single try has no timeout of its own: a slow try is waited for as long as the timeout of all lets it.'
            : `perTryTimeout ${inWords(perTry)} is not shorter than the timeout of all, and so without effect.`,
          at('perTryTimeout'),
        )
      : said(
          `A try may take ${inWords(plan.perTryTimeout)}${retriesTimeouts(plan) ? ', then the next one is made' : ', then the call ends: what takes too long is not retried'}.`,
          at('perTryTimeout'),
        ),
    said(
      (route?.retries?.retryIgnorePreviousHosts ?? !hashed)
        ? 'A retry goes to another replica, if there is one.'
        : 'A retry goes to the same replica.',
      at('retryIgnorePreviousHosts'),
    ),
  ];
  return { title: 'Tries', statements };
}

function hasField(retries: NonNullable<HttpRoute['retries']>, field: string | undefined): boolean {
  return Object.entries(retries).some(([key, value]) => key === field && value !== undefined);
}

function ordinal(number: number): string {
  return ['first', 'second', 'third'][number - 1] ?? `${number}th`;
}

/** The longest that the caller can wait, with what it is made of. */
export function waitSection(
  { caller, service }: Pick<Asked, 'caller' | 'service'>,
  traced: TracedRoute | undefined,
  { policy, place }: TracedPolicy,
): Section {
  const route = traced?.route;
  const plan = retryPlan(route);
  const tcp = policy?.connectionPool?.tcp;
  const connect = tcp?.connectTimeout ?? CONNECT_TIMEOUT;
  const { nanoseconds, ofTries } = longestWait(route, connect);
  const delay = (route?.fault?.delay?.percentage?.value ?? route?.fault?.delay?.percent) ? route?.fault?.delay?.fixedDelay : undefined;
  const timeout = route?.timeout || undefined;
  const isSum = ofTries !== undefined && ofTries === nanoseconds;
  const total = nanoseconds === undefined ? undefined : nanoseconds + (delay ?? 0);
  const parts = [
    ...(isSum
      ? [
          `${plan.tries} × (${inWords(connect)} to connect + ${inWords(plan.perTryTimeout ?? 0)} to answer)`,
          ...(plan.waits.length > 0 ? [`waits of up to ${plan.waits.map(inWords).join(' + ')}`] : []),
        ]
      : [`timeout ${inWords(nanoseconds ?? 0)}, which covers connecting, all tries and the waits between them`]),
    ...(delay ? [`${inWords(delay)} of injected delay before it`] : []),
  ];
  const statements: Statement[] = [
    total === undefined
      ? byDefault(`No bound: neither a timeout nor a perTryTimeout is set. Only the caller's own deadline ends the wait.`)
      : follows(
          `${inWords(total)} = ${parts.join(' + ')}.`,
          traced?.place(...(isSum ? ['retries', 'perTryTimeout'] : ['timeout'])),
          isSum && tcp?.connectTimeout !== undefined ? place(tcp, 'connectTimeout') : undefined,
        ),
    timeout
      ? follows(
          `Then the sidecar answers UNAVAILABLE (over REST 503 with Retry-After: 1), unless ${serviceIdentity(service)}, which is told the time that is left (grpc-timeout), has answered DEADLINE_EXCEEDED first (504). A shorter deadline of the caller holds; a longer one is cut to ${inWords(timeout)}.`,
        )
      : byDefault('A deadline of the caller (grpc-timeout) holds as it is; then it gets its own DEADLINE_EXCEEDED.'),
  ];
  if (caller.name === 'edge') statements.push(byDefault('At the edge a unary call ends after 1 min in any case.', "the edge's own bound"));
  return { title: 'The longest wait', statements };
}
