import { conditionNames } from '../conditions.ts';
import { methodsAt, type PolicyContext } from '../policy-context.ts';
import { type RetryPlan, retriesTimeouts, retryPlan, unsafeConditions } from '../retries.ts';
import { lineOf, type TracedRoute, tracedRoutes } from '../trace.ts';
import { counted, inWords, inYaml } from '../words.ts';
import type { Findings } from './advice.ts';
import { routedMethods } from './routes.ts';

/** Retries that do not fit into the timeout, that a timeout never triggers, or that repeat what must not be repeated. */
export function checkRetries(context: PolicyContext, findings: Findings): void {
  for (const { scope } of context.callers) {
    for (const routing of scope.virtualServices) {
      for (const traced of tracedRoutes(context.mesh, routing)) checkTimes(traced, findings);
    }
  }
  for (const { traced, method } of routedMethods(context)) {
    const unsafe = unsafeConditions(retryPlan(traced.route));
    const isCertain = traced.route.retries?.retryOn !== undefined;
    if (method.idempotency !== 'UNKNOWN' || unsafe.length === 0 || !isForwarded(traced)) continue;
    findings.warn(
      'retry-not-idempotent',
      isCertain ? traced.place('retries', 'retryOn') : traced.place('retries'),
      {
        problem: `${method.service}/${method.name} is retried on ${conditionNames(unsafe)}${isCertain ? '' : ", by Istio's default"}, and its contract does not say that it may be repeated`,
        why: 'a try that failed like this may have done its work: the retry does it a second time',
        instead: `retryOn: connect-failure,refused-stream (what certainly was not done), a route of its own for the method, or option idempotency_level = IDEMPOTENT in the .proto if a repetition does nothing more`,
      },
      method.path,
    );
  }
  checkUnrouted(context, findings);
}

/** Services that no VirtualService is about are retried by Istio's default. */
function checkUnrouted(context: PolicyContext, findings: Findings): void {
  const unsafe = unsafeConditions(retryPlan(undefined));
  for (const { scope } of context.callers) {
    for (const service of scope.services) {
      if (scope.mostSpecific.has(service.host)) continue;
      const repeated = methodsAt(context, service).filter(({ idempotency }) => idempotency === 'UNKNOWN');
      if (repeated.length === 0) continue;
      findings.warn('retry-not-idempotent', lineOf(service, []), {
        problem: `no VirtualService is about ${service.host}, so Istio retries ${repeated.map(({ name }) => name).join(', ')} on ${conditionNames(unsafe)}`,
        why: 'the contract does not say that they may be repeated: a try that failed like this may have done its work',
        instead: 'a VirtualService with retries: { attempts: 2, retryOn: "connect-failure,refused-stream" } for these methods',
      });
    }
  }
}

/** Whether the route passes calls on: redirects and direct responses are not retried. */
function isForwarded({ route }: TracedRoute): boolean {
  return (route.route ?? []).length > 0;
}

function checkTimes(traced: TracedRoute, findings: Findings): void {
  const { route } = traced;
  const plan = retryPlan(route);
  if (plan.tries === 1 || !isForwarded(traced)) return;
  const perTry = route.retries?.perTryTimeout;
  if (perTry !== undefined && plan.perTryTimeout === undefined) {
    findings.warn('retry-exceeds-timeout', traced.place('retries', 'perTryTimeout'), {
      problem: `perTryTimeout ${inWords(perTry)} is not shorter than the timeout ${inWords(route.timeout ?? 0)} of all tries together`,
      why: 'the first slow try uses up the whole timeout: Envoy leaves perTryTimeout out, and what is slow is never retried',
      instead: `timeout: ${inYaml(plan.tries * perTry + sum(plan))} (${counted(plan.tries, 'try', 'tries')} and the waits between them), or perTryTimeout: ${inYaml(share(route.timeout ?? 0, plan))}`,
    });
    return;
  }
  if (perTry !== undefined && !retriesTimeouts(plan)) {
    findings.warn('per-try-timeout-ends-call', traced.place('retries', 'perTryTimeout'), {
      problem: `what perTryTimeout ends is not tried again: retryOn has none of reset, gateway-error and 5xx`,
      why: 'for Envoy a try that takes too long is a reset; without one of these the caller gets the timeout of the first try',
      instead: 'reset added to retryOn (if a repetition is harmless), or no perTryTimeout',
    });
  }
  checkSum(traced, plan, findings);
}

function checkSum(traced: TracedRoute, plan: RetryPlan, findings: Findings): void {
  const { timeout, retries } = traced.route;
  if (!timeout) return;
  const [perTry, waits] = [plan.perTryTimeout, sum(plan)];
  const total = plan.tries * (perTry ?? 0) + waits;
  if (total <= timeout) return;
  const place = retries?.attempts === undefined ? traced.place('timeout') : traced.place('retries', 'attempts');
  const tries = counted(plan.tries, 'try', 'tries');
  findings.warn('retry-exceeds-timeout', place, {
    problem:
      perTry === undefined
        ? `the waits before ${counted(plan.tries - 1, 'retry', 'retries')} are up to ${inWords(waits)} together, the timeout of the route is ${inWords(timeout)}`
        : `${tries} of ${inWords(perTry)} with up to ${inWords(waits)} between them take ${inWords(total)}, the timeout of the route is ${inWords(timeout)}`,
    why: 'the timeout covers all tries: the last ones are cut off or never made',
    instead:
      perTry === undefined
        ? `timeout: ${inYaml(2 * total)}, a shorter backoff, or fewer attempts`
        : `timeout: ${inYaml(total)}, or perTryTimeout: ${inYaml(share(timeout, plan))}, or attempts: ${fitting(timeout, plan, perTry)}`,
  });
}

function sum({ waits }: RetryPlan): number {
  return waits.reduce((total, wait) => total + wait, 0);
}

/** What each try can take, in whole milliseconds, if all are to fit. */
function share(timeout: number, plan: RetryPlan): number {
  return Math.max(1e6, Math.floor((timeout - sum(plan)) / plan.tries / 1e6) * 1e6);
}

/** How many retries fit into the timeout. */
function fitting(timeout: number, { waits }: RetryPlan, perTry: number): number {
  let [fit, used] = [0, perTry];
  for (const wait of waits) {
    used += wait + perTry;
    if (used > timeout) break;
    fit += 1;
  }
  return fit;
}
