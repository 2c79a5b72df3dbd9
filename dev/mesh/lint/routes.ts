import type { Service } from '../../../envoy/policy/services.ts';
import type { NamedCaller } from '../callers.ts';
import type { Method } from '../contracts.ts';
import { type Candidate, candidates } from '../match.ts';
import { httpPort, methodsAt, type PolicyContext } from '../policy-context.ts';

/** A route that calls of a method can take from a caller. */
export interface RoutedMethod extends Candidate {
  readonly caller: NamedCaller;
  readonly service: Service;
  readonly method: Method;
}

/** Every route that any caller's call of any method can take. Methods whose service has no VirtualService are left out. */
export function routedMethods({ mesh, ...context }: PolicyContext): RoutedMethod[] {
  return context.callers.flatMap((caller) =>
    caller.scope.services.flatMap((service) => {
      const port = httpPort(service);
      if (port === undefined) return [];
      return methodsAt({ mesh, ...context }, service).flatMap((method) =>
        candidates(mesh, { caller, host: service.host, port, path: method.path }).map((candidate) => ({
          ...candidate,
          caller,
          service,
          method,
        })),
      );
    }),
  );
}
