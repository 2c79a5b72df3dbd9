import { status as code } from '@grpc/grpc-js';
import { type RpcError, toRpcError } from '../rpc/errors.ts';

/** What the caller of a guarded call knows about the effect. */
export type CallOutcome<Grant> =
  /** The effect is applied. */
  | { readonly kind: 'granted'; readonly grant: Grant }
  /** Refused for good: there is no effect for this id, and the error is the reason. */
  | { readonly kind: 'refused'; readonly error: RpcError }
  /** The id has an effect of a request with other content. */
  | { readonly kind: 'otherContent'; readonly error: RpcError }
  /** Certainly nothing was done: the call was never sent, or the callee committed nothing. */
  | { readonly kind: 'nothingDone'; readonly error: RpcError }
  /** The effect may be applied, now or later: a timeout or a reset. */
  | { readonly kind: 'unknown'; readonly error: RpcError };

const REFUSALS: ReadonlySet<code> = new Set([code.NOT_FOUND, code.FAILED_PRECONDITION, code.INVALID_ARGUMENT]);

/**
 * Makes a guarded call and classifies its outcome. Never rejects.
 *
 * `GuardedCall` uses this function. Use the function alone if the caller's entity exists already and the effect is applied at
 * most once for the entity's id: change the entity only if the outcome is `granted`. A repetition then settles the others.
 */
export async function outcomeOf<Grant>(call: () => Promise<Grant>): Promise<CallOutcome<Grant>> {
  try {
    return { kind: 'granted', grant: await call() };
  } catch (thrown) {
    const error = toRpcError(thrown);
    if (REFUSALS.has(error.code)) return { kind: 'refused', error };
    if (error.code === code.ALREADY_EXISTS) return { kind: 'otherContent', error };
    return { kind: error.nothingDone ? 'nothingDone' : 'unknown', error };
  }
}
