import type { Invariant } from '../systems/descriptor.ts';
import type { Stores } from '../systems/stores.ts';
import { readProjection, readTables, unsentEvents, type Waiting } from './databases.ts';

/** How entities agree that the services of a system have under one id. */
export interface Agreement {
  readonly system: string;
  /** Column of the id: `order_id`. */
  readonly id: string;
  /** Tables with a status, by service. The first one decides: `{ order: 'orders', payment: 'payments' }`. */
  readonly tables: Readonly<Record<string, string>>;
  /** A projection with the id as its key, and the names of its statuses. */
  readonly view: { readonly service: string; readonly collection: string; readonly statuses: Readonly<Record<string, string | number>> };
  /**
   * Statuses that agree once no event is under way: by status of the first service, then by service. `-` means that the service
   * has no entity. A status that is missing here is one of a transition.
   */
  readonly agreeing: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}

/** What the services of a system have, each read at one moment. */
export interface StatusSnapshot {
  /** Statuses by service, then by id, the oldest first. */
  readonly statuses: Readonly<Record<string, ReadonlyMap<string, string>>>;
  readonly waiting: Waiting;
}

/** Makes the invariant of an agreement. */
export function agreementInvariant(agreement: Agreement, words: Pick<Invariant, 'condition' | 'settleSeconds'>): Invariant {
  return {
    ...words,
    read: async (stores) => {
      const snapshot = await readStatuses(stores, agreement);
      const services = Object.keys(snapshot.statuses);
      return {
        header: [`${services[0]} id`, ...services],
        rows: statusRows(snapshot),
        violations: [...disagreements(agreement, snapshot), ...unsentEvents(snapshot.waiting)],
      };
    },
  };
}

/** Reads the databases of a system. */
export async function readStatuses(stores: Stores, { system, id, tables, view }: Agreement): Promise<StatusSnapshot> {
  const statements = Object.entries(tables).map(([service, table]): [string, Record<string, string>] => [
    service,
    { [service]: `SELECT ${id} AS id, status FROM ${table} ORDER BY create_time` },
  ]);
  const [{ rows, waiting }, views] = await Promise.all([
    readTables<Record<string, { readonly id: string; readonly status: string }>>(stores, system, Object.fromEntries(statements)),
    readProjection(stores, `${system}_${view.service}`, view.collection),
  ]);
  const names = new Map(Object.entries(view.statuses).map(([name, number]) => [number, name]));
  const shown = [...views].map(([key, status]) => ({ id: key, status: names.get(status) ?? String(status) }));
  const entities = [...Object.keys(tables).map((service) => [service, rows[service] ?? []] as const), [view.service, shown] as const];
  return { statuses: Object.fromEntries(entities.map(([service, all]) => [service, statusesOf(all)])), waiting };
}

/** Returns statuses by id. Two entities with one id agree with nothing. */
export function statusesOf(entities: readonly { readonly id: string; readonly status: string }[]): Map<string, string> {
  const all = [...Map.groupBy(entities, ({ id }) => id)];
  return new Map(all.map(([id, found]) => [id, found.map(({ status }) => status).join(' and ')]));
}

/** Returns one sentence per id whose statuses do not agree. */
export function disagreements({ agreeing }: Pick<Agreement, 'agreeing'>, snapshot: StatusSnapshot): string[] {
  const [first, ...others] = Object.keys(snapshot.statuses);
  return statusRows(snapshot).flatMap(([id, status = '-', ...found]) => {
    const expected = agreeing[status];
    const agrees = others.every((service, index) => expected?.[service]?.includes(found[index] ?? '-'));
    return agrees ? [] : [`${first} ${id} is ${status}: ${others.map((service, index) => `${service} ${found[index]}`).join(', ')}`];
  });
}

/** Returns a row per id: the status that each service has, or `-`. */
function statusRows({ statuses }: StatusSnapshot): string[][] {
  const services = Object.values(statuses);
  const ids = new Set(services.flatMap((each) => [...each.keys()]));
  return [...ids].map((id) => [id, ...services.map((each) => each.get(id) ?? '-')]);
}
