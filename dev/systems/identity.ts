/**
 * Names of things that belong to systems. The identity of a service is `<system>/<service>`, that of a replica
 * `<system>/<service>-<number>`, that of its sidecar `<system>/<service>-<number>-sidecar`. Things that belong to no
 * system, such as `kafka` and `edge`, have no slash. The short form is the part behind the slash.
 */

const REPLICA = /^(.+)-(\d+)$/;
const SIDECAR = /^(.+-\d+)-sidecar$/;

/** Returns the identity of a service. */
export function identityOf({ system, name }: { readonly system: string; readonly name: string }): string {
  return `${system}/${name}`;
}

/** Returns the short form: `car` of `rentcar/car`. */
export function shortName(identity: string): string {
  return identity.slice(identity.indexOf('/') + 1);
}

/** Returns the service of a replica, `rentcar/car` of `rentcar/car-1`; undefined for other names. */
export function serviceOfReplica(name: string): string | undefined {
  return REPLICA.exec(name)?.[1];
}

/** Returns the number of a replica, 1 of `rentcar/car-1`; undefined for other names. */
export function replicaNumber(name: string): number | undefined {
  const [, , number] = REPLICA.exec(name) ?? [];
  return number === undefined ? undefined : Number(number);
}

/** Returns the replica of a sidecar, `rentcar/car-1` of `rentcar/car-1-sidecar`; undefined for other names. */
export function replicaOfSidecar(name: string): string | undefined {
  return SIDECAR.exec(name)?.[1];
}

/**
 * Finds the names that a person means: one name in full or in short form, or a service, which means all its replicas.
 *
 * @param wanted `rentcar/car-1`, `car-1`, `rentcar/car`, or `car`
 * @param names all names, in full
 * @param kind a noun for errors
 * @throws RangeError with the candidates if a short form fits several services, or with all names if nothing fits
 */
export function resolveName(wanted: string, names: readonly string[], kind = 'process'): string[] {
  const serviceOf = (name: string) => serviceOfReplica(name) ?? '';
  const readings: readonly ((name: string) => boolean)[] = [
    (name) => name === wanted,
    (name) => shortName(name) === wanted,
    (name) => serviceOf(name) === wanted,
    (name) => shortName(serviceOf(name)) === wanted,
  ];
  for (const isMeant of readings) {
    const found = names.filter(isMeant);
    if (found.length > 0) return unambiguous(wanted, found);
  }
  throw new RangeError(`There is no ${kind} "${wanted}"; there are: ${names.join(', ')}.`);
}

/** @throws RangeError if names are of several systems */
function unambiguous(wanted: string, found: string[]): string[] {
  const candidates = new Map(
    found.map((name) => [name.slice(0, name.indexOf('/') + 1), shortName(name) === wanted ? name : (serviceOfReplica(name) ?? name)]),
  );
  if (candidates.size > 1) throw new RangeError(`"${wanted}" is ${[...candidates.values()].join(' or ')}: write one of these.`);
  return found;
}
