import { status } from '@grpc/grpc-js';
import type { Decision, Outcome } from '../decision.ts';
import { type EventHandler, type EventType, onBatchOf } from '../events/events.ts';
import { Batcher } from '../postgres/batcher.ts';
import { type AppliedRules, applyRules, byId, ConflictError, type Trace } from '../postgres/changes.ts';
import type { Database, Tx } from '../postgres/database.ts';
import { idOf, insertRows, lockRows, writeRows } from '../postgres/rows.ts';
import type { AnyTable, EventOf, Row, State } from '../postgres/table.ts';
import { RpcError } from '../rpc/errors.ts';
import { failpoint } from '../runtime/failpoints.ts';
import { traceHeaders } from '../runtime/telemetry.ts';
import { isConflict, lockEffects, saveEffects, writeEffects } from './effects.ts';
import { type Effect, type EffectKey, EffectLedger, type EffectRefusal } from './ledger.ts';

/** The largest number of calls in a transaction: it locks their subjects, for which other replicas wait. */
const MAX_CALLS = 256;

/**
 * How long a call waits for the lock of its subject, in milliseconds. Three tries and the pauses between them fit in a route
 * timeout of 1 s, so that the caller learns that nothing was done.
 */
const LOCK_MS = 200;

/** The effect is applied. The caller has no answer yet. */
const applied = failpoint('effect.applied');

/** The callee's part of a guarded call. */
export interface GuardedEffectsOptions<T extends AnyTable, Request extends Named, R extends string, Named> {
  readonly database: Database;
  /** The table of the rows that effects change: one row per effect, or a row that many effects share. */
  readonly subjects: T;
  /** Names the effect of a request, or of an event that asks for its release. */
  readonly keyOf: (named: Named) => EffectKey;
  /**
   * Decides about an effect. An outcome grants it, and so does undefined, which leaves the subject as it is. Refuses or adds a
   * subject that does not exist.
   */
  readonly apply: (subject: Row<T> | undefined, request: Request) => Decision<State<T>, EventOf<T>, R>;
  /** Takes an effect back. Undefined leaves the subject as it is. Absent if effects are never released. */
  readonly undo?: (subject: Row<T>) => Outcome<State<T>, EventOf<T>> | undefined;
  /** Whether a repeated request asks for the effect that the subject has. Default: the subject's id decides. */
  readonly isSame?: (subject: Row<T>, request: Request) => boolean;
  /** Stores in the same transaction what else belongs to effects that are applied now. Repetitions do not count. */
  readonly onApplied?: (effects: readonly AppliedEffect<T, Request>[], tx: Tx) => Promise<void>;
  /** Called with the ids of the subjects that a transaction is about to change. */
  readonly onChange?: (subjectIds: readonly string[]) => void;
}

/** An effect that is applied for the first time. */
export interface AppliedEffect<T extends AnyTable, Request> {
  readonly request: Request;
  /** The subject before the effect. Undefined if the effect adds the subject. */
  readonly before: Row<T> | undefined;
}

/** The call of a request, as far as effects depend on it. */
export interface EffectCall {
  readonly cancelled: boolean;
}

interface PendingEffect {
  readonly key: EffectKey;
  readonly trace: Trace;
}

interface PendingCall<Request> extends PendingEffect {
  readonly request: Request;
  readonly call: EffectCall;
}

/** What a call comes to: the subject, or why the effect was refused. */
export type EffectResult<T extends AnyTable, R extends string> = Row<T> | R | EffectRefusal;

/** The call has ended, so nothing is applied for it. */
type CallOver = 'CALL_OVER';

/**
 * The callee's half of a guarded call: applies effects at most once per id, and releases them once per id. The caller's half is
 * `GuardedCall`.
 *
 * Concurrent calls share a transaction. A transaction locks subjects and then effects, each in the order of their ids, so that
 * transactions of several replicas never deadlock. It has one statement per table to lock and one to write.
 */
export class GuardedEffects<T extends AnyTable, Request extends Named, R extends string, Named> {
  readonly #options: GuardedEffectsOptions<T, Request, R, Named>;
  readonly #calls: Batcher<PendingCall<Request>, EffectResult<T, R> | CallOver>;

  constructor(options: GuardedEffectsOptions<T, Request, R, Named>) {
    this.#options = options;
    this.#calls = new Batcher({ run: (calls) => this.#applyAll(calls), maxItems: MAX_CALLS });
  }

  /**
   * Applies the effect of a request once per id. A repetition returns the same answer: the subject as it is now.
   *
   * Throws CANCELLED, and applies nothing, if the call ends before its subject is locked.
   */
  async apply(request: Request, call: EffectCall): Promise<EffectResult<T, R>> {
    const result = await this.#calls.do({ request, key: this.#options.keyOf(request), trace: traceHeaders(), call });
    if (result === 'CALL_OVER') throw new RpcError(status.CANCELLED, 'CANCELLED', 'the caller has cancelled the call');
    if (typeof result === 'object') await applied();
    return result;
  }

  /**
   * Handles events that release effects, each effect once. Events of all these types share calls, so that all subjects of a
   * transaction are locked in one order. An id without an effect gets a mark that refuses a late effect.
   */
  onReleased(types: readonly Pick<EventType<Named>, '$type' | 'decode'>[]): EventHandler[] {
    return onBatchOf(types, async (events, tx, envelopes) => {
      const items = events.map((event, index) => ({ key: this.#options.keyOf(event), trace: envelopes[index]?.trace ?? {} }));
      const { ledger } = await this.#change(items, tx, (effects, { key }, row) =>
        effects.release(key, () => row && this.#options.undo?.(row)),
      );
      await saveEffects(ledger.changes(), tx);
    });
  }

  async #applyAll(calls: readonly PendingCall<Request>[]): Promise<(EffectResult<T, R> | CallOver)[]> {
    try {
      return await this.#applyOnce(calls);
    } catch (error) {
      if (!isConflict(error)) throw error;
      // Another replica has applied or released one of the effects at the same time. Now it is visible.
      return await this.#applyOnce(calls);
    }
  }

  async #applyOnce(calls: readonly PendingCall<Request>[]): Promise<(EffectResult<T, R> | CallOver)[]> {
    const { database, apply, onApplied, isSame = () => true } = this.#options;
    const open = calls.filter(({ call }) => !call.cancelled);
    if (open.length === 0) return calls.map(() => 'CALL_OVER');
    const work = async (tx: Tx) => {
      const news: AppliedEffect<T, Request>[] = [];
      const { result, ledger } = await this.#change(open, tx, (ledger, { key, request, call }, row) => {
        // The call may have ended while its batch waited for locks.
        if (call.cancelled) return 'CALL_OVER';
        const isRepeated = () => row === undefined || isSame(row, request);
        const decide = () => {
          const decision = apply(row, request);
          if (typeof decision !== 'string') news.push({ request, before: row });
          return decision;
        };
        return ledger.apply(key, decide, isRepeated);
      });
      if (news.length > 0) await onApplied?.(news, tx);
      writeEffects(ledger.changes(), tx);
      const { now, refusals } = result;
      const results = new Map(open.map((call, index) => [call, refusals.get(index) ?? now.get(call.key.subjectId)]));
      // A text comes from `apply`, from the ledger, or from here.
      return calls.map((call) => (results.get(call) ?? 'CALL_OVER') as EffectResult<T, R> | CallOver);
    };
    return await database.transaction(work, { lockMs: LOCK_MS });
  }

  /** Locks subjects and effects, lets `decide` decide about each item in order, and stores the changed subjects with their events. */
  async #change<I extends PendingEffect>(
    items: readonly I[],
    tx: Tx,
    decide: (ledger: EffectLedger, item: I, row: Row<T> | undefined, index: number) => Decision<State<T>, EventOf<T>, string>,
  ): Promise<{ readonly result: AppliedRules<T>; readonly ledger: EffectLedger }> {
    const { subjects, onChange } = this.#options;
    const [rows, locked] = await Promise.all([
      lockRows(
        subjects,
        items.map(({ key }) => key.subjectId),
        tx,
      ),
      lockEffects(
        items.map(({ key }) => key.id),
        tx,
      ),
    ]);
    const before = byId(subjects, rows);
    const wanted = new Set(items.map(({ key }) => key.subjectId));
    const isUnseen = ({ subjectId, state }: Effect) => state !== 'RELEASED' && wanted.has(subjectId) && !before.has(subjectId);
    // The subject was added after the first statement looked for it, so it is not locked.
    if (locked.some(isUnseen)) throw new ConflictError(`${subjects.name}: another transaction has added a row at the same time`);
    const ledger = new EffectLedger(locked);
    const changes = items.map((item, index) => ({
      id: item.key.subjectId,
      rule: (row: Row<T> | undefined) => decide(ledger, item, row, index),
      trace: item.trace,
    }));
    const result = applyRules(subjects, changes, before);
    const { added, updated, events, jobs } = result;
    writeRows(subjects, updated, tx);
    tx.append(events);
    tx.schedule(jobs);
    if (added.length > 0 && (await insertRows(subjects, added, tx)).length < added.length) {
      throw new ConflictError(`${subjects.name}: another transaction has added a row at the same time`);
    }
    onChange?.([...added, ...updated].map((row) => idOf(subjects, row)));
    return { result, ledger };
  }
}
