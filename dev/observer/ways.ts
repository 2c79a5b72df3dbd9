import type { Method } from '../mesh/contracts.ts';
import { candidates } from '../mesh/match.ts';
import type { NamedCaller } from '../mesh/callers.ts';
import { httpPort, type PolicyContext } from '../mesh/policy-context.ts';

/** Where calls of a method by a workload go. */
export interface Way {
  /** The calling workload: `rentcar/reservation`, `edge`. */
  readonly caller: string;
  /** The host that is called. */
  readonly host: string;
  readonly subset: string;
  /** As `rentcar.car.v1.CarService/CheckUpdateStock`. */
  readonly method: string;
  /** Whether it is known that such calls are made, and not only that they can be. */
  readonly isDeclared: boolean;
}

/** What ways that calls have in common are known by. */
export function wayKey({ caller, host, subset }: Pick<Way, 'caller' | 'host' | 'subset'>): string {
  return `${caller}|${host}|${subset}`;
}

/**
 * The ways of all calls that workloads make: those that are declared, and for a workload that declares none, such as the gateway, those to every
 * public method.
 */
export function waysOf(context: PolicyContext): Way[] {
  return context.callers.flatMap((caller) => {
    const declared = context.calls.filter((call) => call.caller === caller).map(({ to }) => to);
    const methods = declared.length > 0 ? declared : context.methods.filter(({ isPublic }) => isPublic);
    return methods.flatMap((method) =>
      destinations(context, caller, method).map((to) => ({
        caller: caller.name,
        ...to,
        method: method.path.slice(1),
        isDeclared: declared.length > 0,
      })),
    );
  });
}

/** Where the routes of a method lead; to its host itself where no VirtualService is about it. */
function destinations({ mesh }: PolicyContext, caller: NamedCaller, { host, path }: Method): { host: string; subset: string }[] {
  const service = caller.scope.service(host);
  const port = service === undefined ? undefined : httpPort(service);
  if (port === undefined) return [];
  const routed = candidates(mesh, { caller, host, port, path }).flatMap(({ traced }) => traced.route.route ?? []);
  if (routed.length === 0) return [{ host, subset: '' }];
  return routed.map(({ destination }) => ({
    host: caller.scope.service(destination.host)?.host ?? destination.host,
    subset: destination.subset ?? '',
  }));
}
