import type { Service } from '../../../envoy/policy/services.ts';
import { suggestion } from '../../../envoy/policy/suggest.ts';
import { shortName } from '../../systems/identity.ts';
import type { NamedCaller } from '../callers.ts';
import type { Method } from '../contracts.ts';
import { httpPort, methodsAt, type PolicyContext, serviceIdentity } from '../policy-context.ts';

/** A name that nothing has; the message lists what exists. */
export class UnknownName extends Error {
  override readonly name = 'UnknownName';
}

/** The call that is asked about. */
export interface Asked {
  readonly caller: NamedCaller;
  readonly service: Service;
  readonly port: number;
  readonly path: string;
  /** What the contract says of it; undefined if no contract has it. */
  readonly method: Method | undefined;
}

/** @param name `rentcar/reservation`, or `reservation` where that is unambiguous @throws UnknownName */
export function findCaller({ callers }: PolicyContext, name: string): NamedCaller {
  const found = [callers.filter((caller) => caller.name === name), callers.filter((caller) => shortName(caller.name) === name)].find(
    ({ length }) => length > 0,
  );
  const [caller, other] = found ?? [];
  if (caller === undefined) {
    const names = callers.map((each) => each.name);
    throw new UnknownName(
      `there is no caller "${name}"${suggestion(name, [...names.map(shortName), ...names])}\ncallers: ${names.join(', ')}`,
    );
  }
  if (other !== undefined) throw ambiguous(name, found?.map((each) => each.name) ?? []);
  return caller;
}

/**
 * Reads what is called: `rentcar/car.CheckUpdateStock`, `rentcar.car.v1.CarService/CheckUpdateStock`, or for paths that no contract here
 * has, a service or host with a path: `rentcar/car/grpc.health.v1.Health/Check`. The service may be in short form where that is unambiguous.
 *
 * @throws UnknownName
 */
export function findCall(context: PolicyContext, caller: NamedCaller, text: string): Asked {
  const { services } = caller.scope;
  const byPath = context.methods.find(({ path }) => path === `/${text}`);
  const { host, path, name } = byPath === undefined ? parts(text) : { ...byPath, path: byPath.path };
  const service = findService(services, host) ?? findService(services, text);
  if (service === undefined) throw unknownService(context, caller, host === '' ? text : host);
  const port = httpPort(service);
  if (port === undefined) throw new UnknownName(`${service.host} has no port for HTTP or gRPC: routes and retries do not act on it`);
  const own = methodsAt(context, service);
  const method = byPath ?? own.find((each) => (path === undefined ? each.name === name : each.path === path));
  if (method !== undefined) return { caller, service, port, path: method.path, method };
  if (path !== undefined) return { caller, service, port, path, method: undefined };
  throw unknownMethod(service, own, name);
}

/** Splits `service.Method`, or `service/package.Service/Method`. */
function parts(text: string): { host: string; path: string | undefined; name: string } {
  const words = text.split('/');
  if (words.length > 2) return { host: words.slice(0, -2).join('/'), path: `/${words.slice(-2).join('/')}`, name: '' };
  const dot = text.lastIndexOf('.');
  return { host: text.slice(0, Math.max(0, dot)), path: undefined, name: text.slice(dot + 1) };
}

function findService(services: readonly Service[], name: string): Service | undefined {
  const exact = services.find(
    (service) => service.host === name || serviceIdentity(service) === name || `${service.name}.${service.namespace}` === name,
  );
  if (exact !== undefined) return exact;
  const found = services.filter((service) => service.name === name);
  if (found.length > 1) throw ambiguous(name, found.map(serviceIdentity));
  return found[0];
}

function ambiguous(name: string, candidates: readonly string[]): UnknownName {
  return new UnknownName(`"${name}" is ${candidates.join(' or ')}: write one of these`);
}

function unknownService(context: PolicyContext, caller: NamedCaller, name: string): UnknownName {
  const { services } = caller.scope;
  const names = services.map(serviceIdentity);
  const methods = context.methods.flatMap((method) => {
    const service = services.find(({ host }) => host === method.host);
    return service === undefined ? [] : [`${serviceIdentity(service)}.${method.name}`];
  });
  return new UnknownName(
    `${caller.name} sees no service "${name}"${suggestion(name, [...names.map(shortName), ...names])}\nservices: ${names.join(', ')}\nmethods: ${methods.join(', ')}`,
  );
}

function unknownMethod(service: Service, own: readonly Method[], wanted: string): UnknownName {
  const identity = serviceIdentity(service);
  const names = own.map(({ name }) => name);
  const hint =
    names.length > 0 ? `methods: ${names.map((name) => `${identity}.${name}`).join(', ')}` : 'no contract here has methods of it';
  return new UnknownName(
    `${identity} has no method "${wanted}"${suggestion(wanted, names)}\n${hint}\nany other path: ${identity}/package.Service/Method`,
  );
}
