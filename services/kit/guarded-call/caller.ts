import type { Outcome } from '../decision.ts';
import type { Change } from '../postgres/changes.ts';
import { fieldOf, idOf } from '../postgres/rows.ts';
import type { Store } from '../postgres/store.ts';
import type { AnyTable, Column, ContentOf, EventOf, Row, State } from '../postgres/table.ts';
import type { CallContext } from '../rpc/call.ts';
import { type RpcError, unavailable } from '../rpc/errors.ts';
import { checkSameContent, keyReused } from '../rpc/resource.ts';
import { failpoint } from '../runtime/failpoints.ts';
import { newId } from '../runtime/ids.ts';
import { outcomeOf } from './outcome.ts';

/** How many attempts under a key are looked up first; each further lookup doubles the number. */
const FIRST_ATTEMPTS = 8;

/** The callee has granted the effect. The entity is not stored yet. */
const granted = failpoint('effect.granted');

/** The table of the caller's entities. The status REJECTED means: the outcome was unknown, and the effect is being released. */
export type GuardedTable = AnyTable & { readonly columns: { readonly status: Column<string> } };

/** Asks the callee to release an effect: the content of an event. It has the id of the entity. */
export type Release<T extends GuardedTable, E extends keyof T['events']> = ContentOf<T['events'][E]>;

/** How an effect is released. */
export interface ReleaseOptions<T extends GuardedTable, Request, E extends keyof T['events']> {
  /** The event of the table that asks for the release. All its fields are columns. */
  readonly event: E;
  /** Returns the entity of a call with an unknown outcome. Its status is REJECTED. */
  readonly reject: (id: string, request: Request) => State<T>;
  /** Returns the entity that stands for one that was never stored, so that a late grant fails. Its status is REJECTED. */
  readonly tombstone: (release: Release<T, E>) => State<T>;
}

/** The caller's part of a guarded call. */
export interface GuardedCallOptions<T extends GuardedTable, Request extends object, Grant, E extends keyof T['events']> {
  readonly entities: Store<T>;
  /** Calls the callee to apply the effect for an id. */
  readonly call: (id: string, request: Request, context: CallContext) => Promise<Grant>;
  /** Returns the entity of a granted effect, with its events. */
  readonly accept: (id: string, request: Request, grant: Grant) => Outcome<State<T>, EventOf<T>>;
  /** How the effect is released. Absent if the callee only reads. */
  readonly release?: ReleaseOptions<T, Request, E>;
  /** The UNAVAILABLE error for the client if the callee cannot be asked or the outcome is unknown. */
  readonly unavailable: { readonly reason: string; readonly message: string };
}

/** An attempt under an idempotency key: its id, and its entity if it was made before. */
interface Attempt<T extends GuardedTable> {
  readonly id: string;
  readonly standing: Row<T> | undefined;
}

/**
 * The caller's half of a guarded call: an entity is stored if and only if the callee has applied an effect for its id.
 *
 * The id is fixed before the call. The callee applies the effect at most once per id. The first entity that is stored under the
 * id is final, whatever is repeated, reordered, or lost. The callee's half is `GuardedEffects`.
 */
export class GuardedCall<T extends GuardedTable, Request extends object, Grant, E extends keyof T['events']> {
  readonly #options: GuardedCallOptions<T, Request, Grant, E>;

  constructor(options: GuardedCallOptions<T, Request, Grant, E>) {
    this.#options = options;
  }

  /**
   * Makes the call and stores the entity. The same idempotency key and content return the same entity, as it is now.
   *
   * Throws the callee's refusal, then nothing is stored; ALREADY_EXISTS IDEMPOTENCY_KEY_REUSED if the key was used with other
   * content; UNAVAILABLE if the callee certainly did nothing, or if the outcome is unknown. In the latter case a REJECTED entity
   * is stored with the event that releases the effect, and the key starts a new attempt.
   */
  async run(request: Request, context: CallContext): Promise<Row<T>> {
    const { entities, call, accept, release } = this.#options;
    const { id, standing } = await this.#attempt(context);
    if (standing !== undefined) return this.#answer(standing, request);
    const outcome = await outcomeOf(() => call(id, request, context));
    switch (outcome.kind) {
      case 'granted':
        await granted();
        return this.#answer(await entities.add(id, accept(id, request, outcome.grant)), request);
      case 'refused':
        throw outcome.error;
      case 'otherContent':
        // Another request under the same key has the effect at this moment.
        throw keyReused(entities.table, id);
      case 'nothingDone':
        throw this.#unavailable(outcome.error);
      case 'unknown':
        if (release === undefined) throw this.#unavailable(outcome.error);
        return this.#answer(await entities.add(id, rejection(release, id, request)), request, outcome.error);
    }
  }

  /**
   * Answers the callee's question about an effect that no report has confirmed: asks for the release if the entity does not exist
   * or is REJECTED. A tombstone takes the place of an entity that does not exist.
   *
   * `release`: names what the callee has, which a REJECTED request under the same id may not have named.
   */
  releaseUnclaimed(release: Release<T, E>): Change<T> {
    const { entities, release: options } = this.#options;
    if (options === undefined) throw new Error('a guarded call without an effect has nothing to release');
    return {
      id: String(fieldOf(Object(release), entities.table.id)),
      rule: (row) => {
        if (row !== undefined && !isRejected(row)) return undefined;
        // The event has exactly the fields of the release.
        return { state: row ?? options.tombstone(release), events: [{ [options.event]: release } as unknown as EventOf<T>] };
      },
    };
  }

  /**
   * Finds the attempt of a key that counts. The ids of attempts follow from acting user, key, and number. An attempt that ended REJECTED, with
   * UNAVAILABLE for its client, makes way for the next one, so that a client that retries can succeed.
   */
  async #attempt({ idempotencyKey: key, actingUser = '' }: CallContext): Promise<Attempt<T>> {
    const { entities } = this.#options;
    if (key === undefined) return { id: newId(), standing: undefined };
    for (let [first, count] = [1, FIRST_ATTEMPTS]; ; first += count, count *= 2) {
      const ids = Array.from({ length: count }, (_, index) => entities.idFrom(actingUser, key, String(first + index)));
      const earlier = new Map((await entities.findAll(ids)).map((row) => [idOf(entities.table, row), row]));
      for (const id of ids) {
        const standing = earlier.get(id);
        if (standing === undefined || !isRejected(standing)) return { id, standing };
      }
    }
  }

  /** Returns the answer of a stored entity, for the call that stored it and for every repetition. */
  #answer(standing: Row<T>, request: Request, cause?: RpcError): Row<T> {
    if (isRejected(standing)) throw this.#unavailable(cause);
    checkSameContent(this.#options.entities.table, standing, request);
    return standing;
  }

  #unavailable(cause: RpcError | undefined): RpcError {
    const { reason, message } = this.#options.unavailable;
    return unavailable(reason, message, { cause });
  }
}

function rejection<T extends GuardedTable, Request, E extends keyof T['events']>(
  { event, reject }: ReleaseOptions<T, Request, E>,
  id: string,
  request: Request,
): Outcome<State<T>, EventOf<T>> {
  // The state has all fields of the event.
  return { state: reject(id, request), events: [event as EventOf<T>] };
}

function isRejected(row: object): boolean {
  return fieldOf(row, 'status') === 'REJECTED';
}
