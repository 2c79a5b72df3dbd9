import type { Service } from '../../../envoy/policy/services.ts';
import { suggestion } from '../../../envoy/policy/suggest.ts';
import type { Method } from '../contracts.ts';
import { httpPort, methodsAt, type NamedCaller, type World } from '../world.ts';

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

/** @param name `reservation`, or with its namespace `rentcar/reservation` @throws UnknownName */
export function findCaller({ callers }: World, name: string): NamedCaller {
  const found = callers.filter((caller) => caller.name === name || `${caller.namespace}/${caller.name}` === name);
  const [caller, other] = found;
  if (!caller) {
    const names = callers.map((each) => each.name);
    throw new UnknownName(`there is no caller "${name}"${suggestion(name, names)}\ncallers: ${names.join(', ')}`);
  }
  if (other) throw new UnknownName(`"${name}" is ${found.map((each) => `${each.namespace}/${each.name}`).join(' or ')}: say which`);
  return caller;
}

/**
 * Reads what is called: `car.CheckUpdateStock`, `rentcar.car.v1.CarService/CheckUpdateStock`, or for what no contract here has, a service
 * or host with a path: `car/grpc.health.v1.Health/Check`.
 * @throws UnknownName
 */
export function findCall(world: World, caller: NamedCaller, text: string): Asked {
  const { services } = caller.scope;
  const byPath = world.methods.find(({ path }) => path === `/${text}`);
  const slash = text.indexOf('/');
  const host = byPath?.host ?? (slash > 0 ? text.slice(0, slash) : text.slice(0, Math.max(0, text.lastIndexOf('.'))));
  const service = findService(services, host) ?? findService(services, text);
  if (!service) {
    const names = services.map((each) => each.name);
    const methods = world.methods.map((each) => `${serviceName(services, each)}.${each.name}`);
    throw new UnknownName(
      `${caller.name} sees no service "${host || text}"${suggestion(host || text, names)}\nservices: ${names.join(', ')}\nmethods: ${methods.filter((name) => !name.startsWith('.')).join(', ')}`,
    );
  }
  const port = httpPort(service);
  if (port === undefined) throw new UnknownName(`${service.host} has no port for HTTP or gRPC: routes and retries do not act on it`);
  const own = methodsAt(world, service);
  const method = byPath ?? own.find(({ name }) => text === `${host}.${name}`);
  if (method) return { caller, service, port, path: method.path, method };
  if (!byPath && slash > 0)
    return { caller, service, port, path: text.slice(slash), method: own.find(({ path }) => path === text.slice(slash)) };
  const wanted = text.slice(text.lastIndexOf('.') + 1);
  const names = own.map(({ name }) => name);
  const hint =
    names.length > 0 ? `methods: ${names.map((name) => `${service.name}.${name}`).join(', ')}` : 'no contract here has methods of it';
  throw new UnknownName(
    `${service.name} has no method "${wanted}"${suggestion(wanted, names)}\n${hint}\nany other path: ${service.name}/package.Service/Method`,
  );
}

function findService(services: readonly Service[], name: string): Service | undefined {
  return (
    services.find(({ host }) => host === name) ??
    services.find((service) => service.name === name || `${service.name}.${service.namespace}` === name)
  );
}

function serviceName(services: readonly Service[], method: Method): string {
  return services.find(({ host }) => host === method.host)?.name ?? '';
}
