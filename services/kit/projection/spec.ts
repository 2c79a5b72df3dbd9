import type { Envelope, EventType } from '../events/events.ts';

/** The types of a projection. */
export interface Shape {
  /** The name of the event field that names the row. Its values are UUIDs. */
  readonly key: string;
  /** The fields of a row that events fill in. */
  readonly details: object;
  /** The statuses of a row, as numbers of the contract. */
  readonly status: number;
  /** The message that callers get. */
  readonly view: object;
}

/** A row of a projection. */
export interface Row<T extends Shape> {
  readonly key: string;
  /** The greatest status that an event gave; 0 (unspecified) before the first. */
  readonly status: T['status'];
  /** The fields that events have set so far. */
  readonly details: Partial<T['details']>;
  /** When the newest change happened. */
  readonly updateTime: Date;
  /** When each event first happened, causes before effects, by the name of the event. Empty without `history`. */
  readonly times: ReadonlyMap<string, Date>;
  /** The statuses that the row has had, by rank, each with the time of its first event. Empty without `history`. */
  readonly states: readonly { readonly status: T['status']; readonly time: Date }[];
  /** The version of each source and, with `history`, the number of events. Numbers never decrease. */
  readonly progress: Progress;
}

/** How far a row is. A row changes only if one of its numbers grows. */
export type Progress = readonly number[];

/** Describes how events change the rows of a MongoDB collection, and which lists of rows exist. */
export interface ProjectionSpec<T extends Shape> {
  /** The name of the collection. */
  readonly collection: string;
  readonly key: T['key'];
  /** The reason of the NOT_FOUND error, such as `ORDER_VIEW_NOT_FOUND`. */
  readonly unknownReason: string;
  /** The events, causes before effects: the row returns its event times in this order. */
  readonly events: readonly EventRule<T>[];
  /** Fields that lists can filter by. Each combination gets an index. Request fields have the same names. */
  readonly filters: readonly (Extract<keyof T['details'], string> | 'status')[];
  /** Whether rows keep when each event first happened (`Row.times`, `Row.states`). Default false. */
  readonly history?: boolean;
  /** Maps a row to the message that callers get. */
  toView(row: Row<T>): T['view'];
}

/** How the events of one type change a row. The result is independent of the order and the number of deliveries. */
export interface EventRule<T extends Shape> {
  readonly type: Pick<EventType<unknown>, '$type' | 'decode'>;
  /** The service that publishes the event. Each source numbers its changes of a row. */
  readonly source: string;
  /** The status that the event gives the row. The row has the greatest of its events, so the numbers are ranks. */
  readonly status: T['status'] | undefined;
  /** Event fields that never change. Any event may set them. */
  readonly set: readonly string[];
  /** Event fields that change. The event with the highest version sets them. */
  readonly latest: readonly string[];
  /** Event fields that must be UUIDs, besides the key. */
  readonly uuids: readonly string[];
  readonly versionOf: (event: never, envelope: Envelope) => number;
  readonly alias: ((event: never) => string) | undefined;
  readonly links: ((event: never) => string) | undefined;
  /** Binds the rule to a projection. Never set. */
  readonly shape?: T;
}

/** The options of `onEvent`. They mean what `EventRule` says. */
type RuleOptions<E, T extends Shape> = {
  readonly source: string;
  readonly status?: T['status'];
  readonly set?: readonly Extract<keyof E & keyof T['details'], string>[];
  readonly latest?: readonly Extract<keyof E & keyof T['details'], string>[];
  readonly uuids?: readonly Extract<keyof E, string>[];
  /**
   * Another name under which events find this row. Events that name this alias change the row, also if they arrived
   * before the link. An alias may have several rows.
   */
  readonly links?: (event: E) => string;
} & VersionOption<E> &
  AliasOption<E, T>;

/** Events without a version field need a number that grows with each change of their source. */
type VersionOption<E> = E extends { readonly version: number }
  ? { readonly version?: (event: E, envelope: Envelope) => number }
  : { readonly version: (event: E, envelope: Envelope) => number };

/** Events without the key field name rows by an alias. */
type AliasOption<E, T extends Shape> =
  E extends Readonly<Record<T['key'], string>> ? { readonly alias?: (event: E) => string } : { readonly alias: (event: E) => string };

/** Declares how the events of one type change a row. */
export function onEvent<E, T extends Shape>(type: EventType<E>, options: RuleOptions<E, T>): EventRule<T> {
  const { source, status, set = [], latest = [], uuids = [], version, alias, links } = options;
  // The options demand `version` of events without the field.
  const versionOf = version ?? ((event: E) => (event as { readonly version: number }).version);
  return { type, source, status, set, latest, uuids, versionOf, alias, links };
}

/** Returns the name of an event type without its package. */
export function shortName({ type }: Pick<EventRule<Shape>, 'type'>): string {
  return type.$type.slice(type.$type.lastIndexOf('.') + 1);
}

/** Returns the sources of a projection, in the order of their first events. Resume tokens have this order. */
export function sourcesOf(events: readonly Pick<EventRule<Shape>, 'source'>[]): string[] {
  return [...new Set(events.map(({ source }) => source))];
}
