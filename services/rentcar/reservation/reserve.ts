import { status as code } from '@grpc/grpc-js';
import type { Store } from '#kit/postgres/store.ts';
import type { Row } from '#kit/postgres/table.ts';
import { alreadyExists, type RpcError, toRpcError, unavailable } from '#kit/rpc/errors.ts';
import type { CallContext, Client } from '#kit/rpc/server.ts';
import { failpoint } from '#kit/runtime/failpoints.ts';
import { newId } from '#kit/runtime/ids.ts';
import type { CarServiceService } from '#proto/rentcar/car/v1/car.ts';
import { accept, type ReservationRequest, reject, sameRequest } from './domain.ts';
import type { reservationTable } from './store.ts';

type StoredReservation = Row<typeof reservationTable>;

/** Answers of car that are final: no stock was taken for this reservation id, and none will be. */
const REFUSALS: readonly number[] = [code.NOT_FOUND, code.FAILED_PRECONDITION, code.INVALID_ARGUMENT];

/** How many attempts under a key are looked for at once, at first. */
const FIRST_ATTEMPTS = 8;

/** Car has granted the stock; the reservation is not stored yet. */
const granted = failpoint('reservation.granted');

/** The stock check as a client of car sees it. */
export type StockCheck = Pick<Client<typeof CarServiceService>, 'checkUpdateStock'>;

/** The part of the store that reserving needs. */
export type Reservations = Pick<Store<typeof reservationTable>, 'add' | 'findAll' | 'idFrom'>;

/**
 * Reserves a car so that no stock leaks, whatever is retried, reordered, or lost: the reservation id is known before
 * anything is stored, car holds stock at most once for it, and the first outcome that is stored under it is final.
 *
 * Throws the refusal of car; ALREADY_EXISTS if the idempotency key was used for another request; UNAVAILABLE if car could
 * not be asked, or if the outcome of the stock check is unknown, then after storing that the stock is to be given back.
 */
export async function reserve(
  request: ReservationRequest,
  context: CallContext,
  store: Reservations,
  car: StockCheck,
): Promise<StoredReservation> {
  const attempt = await nextAttempt(request, context.idempotencyKey, store);
  if (attempt.standing !== undefined) return outcomeOf(attempt.standing, request);

  const { reservationId } = attempt;
  const check = await car.checkUpdateStock({ carId: request.carId, reservationId }, context).catch(toRpcError);
  if (!(check instanceof Error)) {
    await granted();
    return outcomeOf(await store.add(reservationId, accept(reservationId, request, check.carName)), request);
  }
  if (REFUSALS.includes(check.code)) throw check;
  // Another request under the same key reserves another car at this moment.
  if (check.code === code.ALREADY_EXISTS) throw keyReused(reservationId);
  // Nothing was taken, so nothing has to be given back: a refusal costs no transaction, and car no release.
  if (check.nothingDone) throw stockUnchecked(check);
  return outcomeOf(await store.add(reservationId, reject(reservationId, request)), request, check);
}

/** An attempt under an idempotency key: the reservation that an earlier attempt led to, or the id of the next attempt. */
type Attempt = { readonly standing: StoredReservation } | { readonly reservationId: string; readonly standing?: never };

/**
 * Finds the next attempt of a key. The ids of the attempts follow from user, key, and number. An attempt that ended
 * REJECTED, with UNAVAILABLE for its caller, makes way for the next one, so that a client that retries can succeed.
 */
async function nextAttempt({ userId }: ReservationRequest, key: string | undefined, store: Reservations): Promise<Attempt> {
  if (key === undefined) return { reservationId: newId() };
  for (let [first, count] = [1, FIRST_ATTEMPTS]; ; first += count, count *= 2) {
    const ids = Array.from({ length: count }, (_, index) => store.idFrom(userId, key, String(first + index)));
    const earlier = new Map((await store.findAll(ids)).map((found) => [found.reservationId, found]));
    for (const reservationId of ids) {
      const standing = earlier.get(reservationId);
      if (standing === undefined) return { reservationId };
      if (standing.status !== 'REJECTED') return { standing };
    }
  }
}

/** Returns the answer of a stored reservation, to the call that stored it and to every repetition. */
function outcomeOf(standing: StoredReservation, request: ReservationRequest, cause?: RpcError): StoredReservation {
  if (standing.status === 'REJECTED') throw stockUnchecked(cause);
  if (!sameRequest(standing, request)) throw keyReused(standing.reservationId);
  return standing;
}

function keyReused(reservationId: string): RpcError {
  return alreadyExists('IDEMPOTENCY_KEY_REUSED', 'this idempotency-key has made a reservation with other content', { reservationId });
}

function stockUnchecked(cause: RpcError | undefined): RpcError {
  return unavailable('STOCK_UNCHECKED', 'the stock could not be checked; nothing was reserved, please try again', { cause });
}
