import { policyOfPort } from '../../../envoy/generate/policy.ts';
import type { Service } from '../../../envoy/policy/services.ts';
import { isBehind } from '../../../envoy/policy/services.ts';
import { resolve } from '../match.ts';
import { type PolicyContext, serviceIdentity } from '../policy-context.ts';
import { retryPlan } from '../retries.ts';
import { lineOf, placeIn, type TracedPolicy, type TracedRoute, tracedPolicy } from '../trace.ts';
import { listed } from '../words.ts';
import { type Explanation, follows, type Section, type Statement, said } from './explanation.ts';
import { calleeSection, limitsSection } from './limits.ts';
import type { Asked } from './names.ts';
import { balancingSection, ejectionSection } from './replicas.ts';
import { routeSection, triesSection, waitSection } from './routing.ts';

/** Says what happens to a call from a caller, with the lines that decide it. */
export function explain(context: PolicyContext, asked: Asked): Explanation {
  const { caller, service, port, path, method } = asked;
  const resolution = resolve(context.mesh, { caller, host: service.host, port, path });
  const traced = resolution.certain?.traced;
  const sections: Section[] = [routeSection(asked, resolution)];
  const isAnswered = resolution.isRouted && (!traced || (traced.route.route ?? []).length === 0);
  if (!isAnswered) {
    for (const destination of destinationsOf(context, asked, traced))
      sections.push(...destinationSections(context, asked, traced, destination));
  }
  const further = furtherCalls(context, asked);
  if (further.length > 0) sections.push({ title: 'What it leads to', statements: further });
  const repeatable = { NO_SIDE_EFFECTS: ', without side effects', IDEMPOTENT: ', idempotent', UNKNOWN: '' }[
    method?.idempotency ?? 'UNKNOWN'
  ];
  return { title: `${caller.name} → ${serviceIdentity(service)}: ${path.slice(1)}${repeatable}`, sections };
}

/** A service, port and subset that the route leads to. */
interface Target {
  readonly service: Service;
  readonly port: number;
  readonly subset: string;
  /** `90 % of the calls`, if there are several. */
  readonly share: string;
}

function destinationsOf(context: PolicyContext, { caller, service, port }: Asked, traced: TracedRoute | undefined): Target[] {
  const routed = (traced?.route.route ?? []).filter((entry, _, all) => all.length === 1 || (entry.weight ?? 0) > 0);
  if (!traced) return [{ service, port, subset: '', share: '' }];
  const sum = routed.reduce((total, { weight = 0 }) => total + weight, 0);
  return routed.flatMap(({ destination, weight = 0 }) => {
    const target = caller.scope.service(destination.host) ?? context.mesh.services.find(({ host }) => host === destination.host);
    const share = routed.length > 1 ? `${Number(((100 * weight) / sum).toFixed(1))} % of the calls` : '';
    return target ? [{ service: target, port: destination.port?.number ?? port, subset: destination.subset ?? '', share }] : [];
  });
}

function destinationSections(context: PolicyContext, { caller }: Asked, traced: TracedRoute | undefined, target: Target): Section[] {
  const { service, port, subset, share } = target;
  const policy = tracedPolicy(caller.scope, service, port, subset);
  const who = subset === '' ? serviceIdentity(service) : `${serviceIdentity(service)}, subset ${subset}`;
  const heading = share === '' ? '' : ` (${share}: ${who})`;
  if (!policy) {
    const text = `${caller.name}'s sidecar knows no ${who} on port ${port}: calls get UNAVAILABLE at once.`;
    return [{ title: `Destination${heading}`, statements: [said(text, traced?.place('route'))] }];
  }
  const hashed = policy.policy?.loadBalancer?.consistentHash !== undefined;
  const [rule] = policy.rules;
  const sections = [
    waitSection({ caller, service }, traced, policy),
    triesSection(traced, hashed),
    limitsSection(caller.name, service, port, policy, retryPlan(traced?.route).tries > 1),
    ejectionSection(caller.name, who, policy, context.replicas(service, policy.labels)),
    balancingSection(policy),
    calleeSection(service, inboundPolicy(context, service, port)),
  ].map((section) => ({ ...section, title: section.title + heading }));
  const found: Statement = rule
    ? said(
        `DestinationRule ${listed(
          policy.rules.map(({ namespace, name }) => `${namespace}/${name}`),
          'and',
        )} holds for it.`,
        lineOf(rule, ['spec', 'host']),
      )
    : said(`No DestinationRule holds for it.`);
  return [
    { title: `Destination${heading}`, statements: [follows(`${who} at ${service.host}:${port}.`, lineOf(service, ['metadata'])), found] },
    ...sections,
  ];
}

/** The rule whose limits the callee's own sidecar applies. */
function inboundPolicy(context: PolicyContext, service: Service, port: number): TracedPolicy {
  const callee = context.callers.find((caller) => isBehind(service, caller));
  const rule = callee?.scope.inboundRule(service);
  const rules = rule?.rules ?? [];
  return { policy: policyOfPort(rule?.trafficPolicy, port), labels: undefined, rules, place: placeIn(rules) };
}

/** The calls that the callee makes to answer this one. */
function furtherCalls(context: PolicyContext, { method }: Asked): Statement[] {
  return context.calls.flatMap(({ caller, within, to, place }) =>
    method && within?.path === method.path
      ? [
          said(
            `${caller.name} calls ${to.service}/${to.name} before it answers: npm run mesh -- explain ${caller.name} ${to.path.slice(1)}`,
            place,
          ),
        ]
      : [],
  );
}
