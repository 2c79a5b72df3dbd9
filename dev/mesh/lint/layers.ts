import { callDefects, type DeclaredCall } from '../calls.ts';
import { ejectionPlan } from '../ejections.ts';
import { type Candidate, resolve } from '../match.ts';
import { httpPort, type PolicyContext, serviceIdentity } from '../policy-context.ts';
import { CONNECT_TIMEOUT, longestWait, type RetryPlan, retryPlan } from '../retries.ts';
import { lineOf, type Place, tracedPolicy } from '../trace.ts';
import { inWords, inYaml } from '../words.ts';
import type { Findings } from './advice.ts';

/**
 * What goes wrong between layers: calls that reach nothing, retries upon retries, blame that travels upward, a caller that gives up before
 * its callee does.
 */
export function checkCalls(context: PolicyContext, findings: Findings): void {
  for (const { message, ...place } of callDefects(context.mesh, context.methods)) {
    findings.warn(
      'unknown-call',
      place,
      {
        problem: message,
        why: 'lint cannot follow this call',
        instead: 'OwnMethod -> package.Service/Method, both as the .proto has them',
      },
      message,
    );
  }
  for (const lower of context.calls) {
    checkVisibility(context, lower, findings);
    if (!lower.within) continue;
    checkBlame(context, lower, findings);
    for (const upper of context.calls) if (upper.to.path === lower.within.path) checkPair(context, upper, lower, findings);
  }
}

const EXPORT_TO = 'networking.istio.io/exportTo';

/** A caller's sidecar has no configuration for a service that is not exported to the caller's namespace. */
function checkVisibility({ mesh }: PolicyContext, { caller, to }: DeclaredCall, findings: Findings): void {
  const hidden = mesh.services.find(({ host }) => host === to.host);
  if (hidden === undefined || caller.scope.service(to.host) !== undefined) return;
  const isNear = hidden.namespace === caller.namespace;
  findings.warn(
    'callee-not-exported',
    lineOf(hidden, ['metadata', 'annotations', EXPORT_TO]),
    {
      problem: `${serviceIdentity(hidden)} is not exported to the namespace ${caller.namespace}, where ${caller.name} calls it`,
      why: `the sidecar of ${caller.name} does not know ${hidden.host}: every call of ${to.name} fails`,
      instead: `${EXPORT_TO}: ${[...hidden.exportTo, isNear ? '.' : caller.namespace].join(',')}`,
    },
    caller.name,
  );
}

interface Leg {
  readonly name: string;
  readonly route: Candidate | undefined;
  readonly plan: RetryPlan;
  /** Where its retries are written, or what there is instead. */
  readonly place: Place;
}

function legOf({ mesh }: PolicyContext, { caller, to }: DeclaredCall): Leg | undefined {
  const service = caller.scope.service(to.host);
  const port = service && httpPort(service);
  if (!service || port === undefined) return undefined;
  const route = resolve(mesh, { caller, host: service.host, port, path: to.path }).certain;
  const retries = route?.traced.route.retries;
  return {
    name: `${caller.name} → ${serviceIdentity(service)}.${to.name}`,
    route,
    plan: retryPlan(route?.traced.route),
    place: route ? (retries ? route.traced.place('retries', 'retryOn') : route.traced.place()) : lineOf(service, []),
  };
}

/** Failures that the caller in the middle passes on: it answers UNAVAILABLE when the service that it depends on cannot be reached. */
const PASSED_ON = ['unavailable'];

function checkPair(context: PolicyContext, upperCall: DeclaredCall, lowerCall: DeclaredCall, findings: Findings): void {
  const [upper, lower] = [legOf(context, upperCall), legOf(context, lowerCall)];
  if (!upper || !lower) return;
  const shared = PASSED_ON.filter((condition) => upper.plan.conditions.includes(condition));
  if (upper.plan.tries > 1 && lower.plan.tries > 1 && shared.length > 0) {
    const most = upper.plan.tries * lower.plan.tries;
    findings.warn(
      'two-layers-retry',
      upper.place,
      {
        problem: `two layers retry the same failure: ${upper.name} (${upper.plan.tries} tries, on ${shared.join(', ')}) and below it ${lower.name} (${lower.plan.tries} tries, ${lower.place.file}:${lower.place.line})`,
        why: `when ${lowerCall.to.name} fails, ${lowerCall.caller.name} has tried it ${lower.plan.tries} times before it answers UNAVAILABLE; tried again here, one call becomes ${most}, on a service that is in trouble already`,
        instead: 'retryOn: connect-failure,refused-stream here: only the layer next to the failure retries',
      },
      lower.name,
    );
  }
  checkPatience(upper, lower, { upperCall, lowerCall }, findings);
}

interface Pair {
  readonly upperCall: DeclaredCall;
  readonly lowerCall: DeclaredCall;
}

/** The outer call must not give up while the inner one may still succeed. */
function checkPatience(upper: Leg, lower: Leg, { upperCall, lowerCall }: Pair, findings: Findings): void {
  const outer = upper.route?.traced.route.timeout;
  if (!outer || !upper.route) return;
  const inner = longestWait(lower.route?.traced.route, connectTimeout(lowerCall)).nanoseconds;
  if (inner !== undefined && inner < outer) return;
  const below = lower.route?.traced.place('timeout') ?? lower.place;
  findings.warn(
    'gives-up-before-callee',
    upper.route.traced.place('timeout'),
    {
      problem: `${upper.name} waits ${inWords(outer)}, and ${lower.name} below it ${inner === undefined ? 'has no bound' : `up to ${inWords(inner)}`} (${below.file}:${below.line})`,
      why: `the caller is told of a timeout while ${upperCall.to.name} still works, and cannot know how it ended`,
      instead:
        inner === undefined
          ? 'a timeout for the inner call, shorter than this one'
          : `timeout: ${inYaml(2 * inner)}, or a shorter one below`,
    },
    lower.name,
  );
}

function connectTimeout({ caller, to }: DeclaredCall): number {
  const service = caller.scope.service(to.host);
  const policy = service && tracedPolicy(caller.scope, service, httpPort(service) ?? 0)?.policy;
  return policy?.connectionPool?.tcp?.connectTimeout ?? CONNECT_TIMEOUT;
}

/** A service that answers UNAVAILABLE because of another must not be ejected for it. */
function checkBlame(context: PolicyContext, { caller: middle, within, to, place: declared }: DeclaredCall, findings: Findings): void {
  if (!within) return;
  for (const { scope } of context.callers) {
    const service = scope.service(within.host);
    const traced = service && tracedPolicy(scope, service, httpPort(service) ?? 0);
    const rule = traced?.policy?.outlierDetection;
    if (!service || !traced || !rule) continue;
    const blamed = ejectionPlan(rule).triggers.find(({ field }) => field !== 'consecutiveLocalOriginFailures');
    if (!blamed) continue;
    const field = blamed.isDefault ? undefined : blamed.field;
    findings.warn('dependency-ejects-caller', traced.place(rule, ...(field ? [field] : [])) ?? lineOf(service, []), {
      problem: `${blamed.count} failures of ${to.service}/${to.name} in a row eject ${middle.name}, which only passes them on (${blamed.field}${blamed.isDefault ? ', the default' : ''})`,
      why: `${middle.name}.${within.name} answers UNAVAILABLE when ${to.name} fails${declared ? ` (declared at ${declared.file}:${declared.line})` : ''}: every replica of ${middle.name} would be ejected for a fault that is not its own, its other methods with it`,
      instead:
        'splitExternalLocalOriginErrors: true, consecutiveLocalOriginFailures: 5, consecutiveGatewayErrors: 0, consecutive5xxErrors: 0',
    });
  }
}
