import type { Decision, Outcome } from '../decision.ts';
import { hasSameField, idOf } from '../postgres/rows.ts';
import { snakeCase } from '../postgres/statements.ts';
import type { Store } from '../postgres/store.ts';
import { type AnyTable, type EventOf, type Row, type State, toWire, type Wire } from '../postgres/table.ts';
import { newId } from '../runtime/ids.ts';
import { type CallContext, setEtag } from './call.ts';
import { alreadyExists, failedPrecondition, notFound, type RpcError } from './errors.ts';
import { type ListRequest, pageOf } from './pagination.ts';

/** Answers a Get call, with an etag. Throws NOT_FOUND `<ENTITY>_NOT_FOUND`. */
export async function get<T extends AnyTable>(store: Store<T>, id: string, context: CallContext): Promise<Wire<T>> {
  const row = await store.find(id);
  if (row === undefined) throw entityNotFound(store.table, id);
  setEtag(context, row.version);
  return toWire(store.table, row);
}

/** The fields of a list request: besides the page, each is a column of the table. */
type Filters<T extends AnyTable> = ListRequest & { readonly [K in keyof T['columns']]?: Wire<T>[K] };

/** A page of a list: the rows in a field with the name of the table. */
type ListAnswer<T extends AnyTable> = { [N in T['name']]: Wire<T>[] } & { nextPageToken: string };

/**
 * Answers a List call: oldest rows first. Each field of the request besides the page is a filter by the column of its name; an
 * empty text, false, and the value 0 of an enum mean all. Rows that commit late are never skipped.
 *
 * Throws INVALID_ARGUMENT unless the page token is of this list with these filters.
 */
export async function list<T extends AnyTable, R extends Filters<T>>(
  store: Store<T>,
  request: R & Record<Exclude<keyof R, keyof Filters<T>>, never>,
  context: CallContext,
): Promise<ListAnswer<T>> {
  const { table, database } = store;
  const { pageSize, pageToken, ...filters } = request;
  const page = pageOf(request, context, ['date', table.columns[table.id]?.sql === 'uuid' ? 'uuid' : 'text']);
  const { rows, hasMore } = await database.page(table, { filters, after: page.after, limit: page.limit });
  const nextPageToken = page.nextPageToken(rows, (row) => [row.createTime, idOf(table, row)], hasMore);
  // The field has the name of the table.
  return { [table.name]: rows.map((row) => toWire(table, row)), nextPageToken } as ListAnswer<T>;
}

/**
 * Changes an entity by a rule and returns it as it is stored. Throws NOT_FOUND `<ENTITY>_NOT_FOUND`, and FAILED_PRECONDITION with
 * the rule's refusal as its reason.
 *
 * `refusals`: why, for people, to be read after "<entity> <id> ".
 */
export async function change<T extends AnyTable, R extends string = never>(
  store: Store<T>,
  id: string,
  rule: (row: Row<T>) => Decision<State<T>, EventOf<T>, R>,
  refusals: Readonly<Record<R, string>>,
): Promise<Wire<T>> {
  const { table } = store;
  const result = await store.change(id, rule);
  if (result === undefined) throw entityNotFound(table, id);
  if (typeof result === 'string') throw failedPrecondition(result, `${entityOf(table)} ${id} ${refusals[result]}`, { [table.id]: id });
  return toWire(table, result);
}

/** What decides about the id of a new entity. */
type KeyedCall = Pick<CallContext, 'idempotencyKey' | 'actingUser'>;

/** How an entity is created. */
export interface Creation<T extends AnyTable> {
  /** The first state of the entity with this id, and its events. */
  readonly create: (id: string) => Outcome<State<T>, EventOf<T>>;
}

/**
 * Creates an entity, once per acting user and idempotency key: a repetition returns the entity as it is now.
 *
 * Throws ALREADY_EXISTS IDEMPOTENCY_KEY_REUSED if the key has created an entity that differs in a column that rules cannot change.
 */
export async function createOnce<T extends AnyTable>(store: Store<T>, context: KeyedCall, { create }: Creation<T>): Promise<Wire<T>> {
  const id = newEntityId(store, context);
  const outcome = create(id);
  const row = await store.add(id, outcome);
  checkSameContent(store.table, row, outcome.state);
  return toWire(store.table, row);
}

/** Returns the id of the entity that a call creates: always the same for an acting user and idempotency key. */
export function newEntityId(store: Pick<Store<AnyTable>, 'idFrom'>, { idempotencyKey, actingUser }: KeyedCall): string {
  const parts = actingUser === undefined ? [] : [actingUser];
  return idempotencyKey === undefined ? newId() : store.idFrom(...parts, idempotencyKey);
}

/**
 * Throws ALREADY_EXISTS IDEMPOTENCY_KEY_REUSED if the entity of an idempotency key differs from a request under the key. The fields of
 * the request that are columns count, except those that rules change.
 */
export function checkSameContent<T extends AnyTable>(table: T, row: Row<T>, request: object): void {
  const isSame = table.statements.fixed.every((field) => !(field in request) || hasSameField(row, request, field));
  if (!isSame) throw keyReused(table, idOf(table, row));
}

/** ALREADY_EXISTS IDEMPOTENCY_KEY_REUSED: the key belongs to the entity with the id, whose content differs. */
export function keyReused(table: AnyTable, id: string): RpcError {
  return alreadyExists('IDEMPOTENCY_KEY_REUSED', 'this idempotency-key was used with other content', { [table.id]: id });
}

/** NOT_FOUND `<ENTITY>_NOT_FOUND`: the table has no row with the id. */
export function entityNotFound(table: AnyTable, id: string): RpcError {
  const entity = entityOf(table);
  return notFound(`${entity.replaceAll(' ', '_').toUpperCase()}_NOT_FOUND`, `there is no ${entity} ${id}`, { [table.id]: id });
}

/** The entity's name in words: of the id orderItemId, "order item". */
function entityOf({ id }: AnyTable): string {
  return snakeCase(id.replace(/Id$/, '')).replaceAll('_', ' ');
}
