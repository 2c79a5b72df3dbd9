import type { NamedCaller } from '../mesh/callers.ts';
import type { Method } from '../mesh/contracts.ts';
import { candidates } from '../mesh/match.ts';
import { httpPort, type PolicyContext } from '../mesh/policy-context.ts';

/** The calls of a method from a workload to one of the upstreams that its routes name. */
export interface CallPath {
  /** The calling workload: `rentcar/reservation`, `edge`. */
  readonly caller: string;
  /** Host of the upstream. */
  readonly host: string;
  /** Subset of the upstream; empty for none. */
  readonly subset: string;
  /** As `rentcar.car.v1.CarService/CheckUpdateStock`. */
  readonly method: string;
  /** Whether the caller is known to make such calls. False: it may make them. */
  readonly isDeclared: boolean;
}

/** Returns the key of a caller's upstream, which several methods can have in common. */
export function upstreamKey({ caller, host, subset }: Pick<CallPath, 'caller' | 'host' | 'subset'>): string {
  return `${caller}|${host}|${subset}`;
}

/**
 * Returns the paths of the declared calls of each workload. A workload that declares none, such as the gateway, may call every public
 * method.
 */
export function callPathsOf(context: PolicyContext): CallPath[] {
  return context.callers.flatMap((caller) => {
    const declared = context.calls.filter((call) => call.caller === caller).map(({ to }) => to);
    const methods = declared.length > 0 ? declared : context.methods.filter(({ isPublic }) => isPublic);
    return methods.flatMap((method) =>
      upstreamsOf(context, caller, method).map((upstream) => ({
        caller: caller.name,
        ...upstream,
        method: method.path.slice(1),
        isDeclared: declared.length > 0,
      })),
    );
  });
}

/** Returns the upstreams that the routes of a method name; its host itself where no VirtualService is about the host. */
function upstreamsOf({ mesh }: PolicyContext, caller: NamedCaller, { host, path }: Method): { host: string; subset: string }[] {
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
