import { type Envelope, PoisonEvent } from '../events/events.ts';
import { isId } from '../runtime/ids.ts';
import type { LatestValue, SourceChange, StoredRow } from './row.ts';
import { type EventRule, type ProjectionSpec, type Shape, shortName, sourcesOf } from './spec.ts';

/** A value of which updates keep the greatest, in the order of MongoDB's `$max`. */
export type Rank = number | SourceChange | LatestValue;

/** What events change in a row. */
export interface RowChange {
  /** Values of which the row keeps the greatest, by path. */
  readonly max: Map<string, Rank>;
  /** Values that never change. */
  readonly set: Record<string, unknown>;
}

/** What events change, together. */
export interface RowChanges {
  /** Changes by key of the row. */
  readonly rows: Map<string, RowChange>;
  /** Changes of rows that are only known by an alias, by alias. */
  readonly aliases: Map<string, RowChange>;
  /** Rows and their aliases. */
  readonly links: { readonly alias: string; readonly key: string }[];
}

/** Returns the function that turns events of a projection into changes. It throws PoisonEvent for a field that must be a UUID. */
export function changeReader<T extends Shape>(
  spec: ProjectionSpec<T>,
): (events: readonly unknown[], envelopes: readonly Envelope[]) => RowChanges {
  const reserved = ['_id', 'applyTime', 'status', 'times', 'latest', ...spec.events.flatMap(({ set }) => set)];
  const clash = sourcesOf(spec.events).find((source) => reserved.includes(source));
  if (clash !== undefined) throw new Error(`a source of a projection cannot have the name of the field ${clash}`);
  const rules = new Map(spec.events.map((rule) => [rule.type.$type, rule]));
  return (events, envelopes) => {
    const changes: RowChanges = { rows: new Map(), aliases: new Map(), links: [] };
    for (const [index, envelope] of envelopes.entries()) {
      const rule = rules.get(envelope.type);
      if (rule === undefined) throw new Error(`the projection has no rule for ${envelope.type}`);
      add(changes, spec, rule, events[index], envelope);
    }
    return changes;
  };
}

function add<T extends Shape>(
  changes: RowChanges,
  spec: ProjectionSpec<T>,
  rule: EventRule<T>,
  content: unknown,
  envelope: Envelope,
): void {
  // The decoder of the rule's type returned it, and the rule's functions take that type.
  const event = content as never;
  const fields = content as Readonly<Record<string, unknown>>;
  const change = changeOf(rule, fields, rule.versionOf(event, envelope), envelope.time, spec.history ?? false);
  for (const name of rule.uuids) uuid(fields, name);
  if (rule.alias !== undefined) {
    merge(changes.aliases, rule.alias(event), change);
    return;
  }
  const key = uuid(fields, spec.key);
  merge(changes.rows, key, change);
  if (rule.links !== undefined) changes.links.push({ alias: rule.links(event), key });
}

function changeOf(
  rule: EventRule<Shape>,
  event: Readonly<Record<string, unknown>>,
  version: number,
  time: Date,
  history: boolean,
): RowChange {
  const max = new Map<string, Rank>([[rule.source, { version, negatedTime: -time.getTime() }]]);
  if (rule.status !== undefined) max.set('status', rule.status);
  if (history) max.set(`times.${shortName(rule)}`, -time.getTime());
  // The types of events have scalars here.
  for (const name of rule.latest) max.set(`latest.${name}`, { version, value: event[name] as LatestValue['value'] });
  return { max, set: Object.fromEntries(rule.set.map((name) => [name, event[name]])) };
}

function uuid(event: Readonly<Record<string, unknown>>, name: string): string {
  const value = event[name];
  if (typeof value !== 'string' || !isId(value)) throw new PoisonEvent(`the ${name} is not a UUID`);
  return value;
}

/** Merges a change into that of the same key. */
export function merge(changes: Map<string, RowChange>, key: string, { max, set }: RowChange): void {
  const change = changes.get(key) ?? { max: new Map(), set: {} };
  changes.set(key, change);
  for (const [path, rank] of max) {
    const other = change.max.get(path);
    if (other === undefined || isGreater(rank, other)) change.max.set(path, rank);
  }
  Object.assign(change.set, set);
}

/** Compares like MongoDB: documents field by field. */
function isGreater(one: Rank, other: Rank): boolean {
  const [left, right] = [one, other].map((rank) => (typeof rank === 'number' ? [rank] : Object.values(rank)));
  for (const [index, value] of (left ?? []).entries()) {
    if (value !== right?.[index]) return value > right?.[index];
  }
  return false;
}

/** Returns the changes that made a stored row, to repeat them on another row. */
export function changeThatMade(stored: Omit<StoredRow, '_id' | 'applyTime'>, sources: readonly string[]): RowChange {
  const { status, times = {}, latest = {}, ...fields } = stored;
  const max = new Map<string, Rank>(status === undefined ? [] : [['status', status]]);
  for (const [name, time] of Object.entries(times)) max.set(`times.${name}`, time);
  for (const [name, value] of Object.entries(latest)) max.set(`latest.${name}`, value);
  const set: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) {
    // A field with the name of a source holds its newest change.
    if (sources.includes(name)) max.set(name, value as unknown as SourceChange);
    else set[name] = value;
  }
  return { max, set };
}
