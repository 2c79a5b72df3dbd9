import type { Mesh } from '../../envoy/policy/mesh.ts';
import type { Service } from '../../envoy/policy/services.ts';
import { isBehind } from '../../envoy/policy/services.ts';
import type { Finding } from '../../envoy/policy/source.ts';
import { suggestion } from '../../envoy/policy/suggest.ts';
import type { NamedCaller } from './callers.ts';
import type { Method } from './contracts.ts';

/**
 * Annotation of a core/v1 Service: which calls it makes to answer its own. One entry a line or after a comma,
 * `ReserveCar -> rentcar.car.v1.CarService/CheckUpdateStock`.
 */
export const CALLS_ANNOTATION = 'rentmesh/calls';

/** A call that a workload makes. */
export interface DeclaredCall {
  readonly caller: NamedCaller;
  /** The method that it is made for; undefined for calls from outside, which the edge makes. */
  readonly within: Method | undefined;
  readonly to: Method;
  /** Where it is declared; undefined for the edge, whose calls are those of google.api.http. */
  readonly place: { readonly file: string; readonly line: number } | undefined;
}

/** An entry of the annotation as it is written. */
interface Entry {
  readonly from: string;
  readonly to: string;
}

/** The calls of the edge, to every public method, and those that Services declare. Entries that name no method are left out. */
export function declaredCalls(mesh: Mesh, methods: readonly Method[], callers: readonly NamedCaller[]): DeclaredCall[] {
  const offered = methods.filter(({ isPublic, host }) => isPublic && mesh.services.some((service) => service.host === host));
  const outside = callers.filter(({ name }) => name === 'edge');
  return [
    ...outside.flatMap((caller) => offered.map((to) => ({ caller, within: undefined, to, place: undefined }))),
    ...mesh.services.flatMap((service) =>
      entriesOf(service).flatMap(({ from, to }) => {
        const caller = callers.find((candidate) => isBehind(service, candidate));
        const [own, other] = [ownMethod(service, methods, from), methods.find(({ path }) => path === `/${to}`)];
        return caller && own && other ? [{ caller, within: own, to: other, place: placeOfCalls(service) }] : [];
      }),
    ),
  ];
}

/** What is wrong with the declarations: entries that cannot be read or that name a method which no contract has. */
export function callDefects(mesh: Mesh, methods: readonly Method[]): Finding[] {
  return mesh.services.flatMap((service) =>
    entriesOf(service).flatMap(({ from, to }) => {
      const own = methods.filter(({ host }) => host === service.host).map(({ name }) => name);
      const names = methods.map(({ path }) => path.slice(1));
      const messages = [
        ...(ownMethod(service, methods, from) ? [] : [`${service.name} has no method "${from}"${suggestion(from, own)}`]),
        ...(names.includes(to) ? [] : [`no contract has a method "${to}"${suggestion(to, names)}`]),
      ];
      return messages.map((message) => ({ ...placeOfCalls(service), message: `${CALLS_ANNOTATION}: ${message}` }));
    }),
  );
}

function entriesOf({ source }: Service): Entry[] {
  const text = annotation(source.value);
  return text
    .split(/[,\n]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [from = '', to = ''] = entry.split('->').map((part) => part.trim());
      return { from, to };
    });
}

function annotation(value: unknown): string {
  const read = (node: unknown, key: string): unknown => Object.entries(node ?? {}).find(([name]) => name === key)?.[1];
  const text = read(read(read(value, 'metadata'), 'annotations'), CALLS_ANNOTATION);
  return typeof text === 'string' ? text : '';
}

function ownMethod(service: Service, methods: readonly Method[], name: string): Method | undefined {
  return methods.find((method) => method.host === service.host && (method.name === name || method.path === `/${name}`));
}

function placeOfCalls({ source }: Service): { file: string; line: number } {
  return { file: source.file, line: source.line(['metadata', 'annotations', CALLS_ANNOTATION]) };
}
