import { status as code } from '@grpc/grpc-js';
import { alreadyExists, type RpcError, toRpcError, unavailable } from '#kit/errors.ts';
import { failpoint } from '#kit/failpoints.ts';
import { derivedId, newId } from '#kit/ids.ts';
import type { CallContext, Client } from '#kit/server.ts';
import type { CarServiceService } from '#proto/rentcar/car/v1/car.ts';
import { accept, reject, sameWish, type Wish } from './domain.ts';
import type { ReservationStore, StoredReservation } from './store.ts';

/** Answers of car that settle the matter: no stock was taken for this reservation id, and none will be. */
const REFUSALS: readonly number[] = [code.NOT_FOUND, code.FAILED_PRECONDITION, code.ALREADY_EXISTS, code.INVALID_ARGUMENT];

/** Car has granted the stock; the reservation is not stored yet. */
const granted = failpoint('reservation.granted');

/** The stock check as a client of car sees it. */
export type StockCheck = Pick<Client<typeof CarServiceService>, 'checkUpdateStock'>;

/**
 * Reserves a car so that no stock leaks, whatever is retried, reordered or lost: the reservation id is known before anything is stored,
 * car holds stock at most once for it, and the first outcome that is stored under it stands.
 *
 * Throws the refusal of car as it is; ALREADY_EXISTS if the idempotency key was used for something else; UNAVAILABLE if car could not be
 * asked, or if the outcome of the stock check is unknown, then after storing that the stock is to be given back.
 */
export async function reserve(wish: Wish, context: CallContext, store: ReservationStore, car: StockCheck): Promise<StoredReservation> {
  const attempt = await nextAttempt(wish, context.idempotencyKey, store);
  if (attempt.standing !== undefined) return repeated(attempt.standing, wish);

  const { reservationId } = attempt;
  const check = await car.checkUpdateStock({ carId: wish.carId, reservationId }, context).catch(toRpcError);
  if (check instanceof Error) {
    if (REFUSALS.includes(check.code)) throw check;
    // Nothing was taken, so nothing has to be given back: while the circuit is open a refusal costs no transaction, and car no release.
    if (check.neverSent) throw stockUnchecked(check);
    const standing = await store.add(reject(reservationId, wish));
    return repeated(standing, wish, check);
  }
  await granted();
  return repeated(await store.add(accept(reservationId, wish, check.carName)), wish);
}

/** An attempt under an idempotency key: the reservation that it led to before, or the id to try under now. */
type Attempt = { readonly standing: StoredReservation } | { readonly reservationId: string; readonly standing?: never };

/**
 * The ids of a key's attempts follow from user, key and number. An attempt that ended REJECTED (its caller was told UNAVAILABLE) makes
 * way for the next, so that a client that retries as told can succeed.
 */
async function nextAttempt({ userId }: Wish, key: string | undefined, store: ReservationStore): Promise<Attempt> {
  if (key === undefined) return { reservationId: newId() };
  for (let number = 1; ; number++) {
    const reservationId = derivedId('rentcar.reservation', userId, key, String(number));
    const standing = await store.find(reservationId);
    if (standing === undefined) return { reservationId };
    if (standing.status !== 'REJECTED') return { standing };
  }
}

/** The answer that the stored outcome stands for, to the call that stored it and to every repetition. */
function repeated(standing: StoredReservation, wish: Wish, cause?: RpcError): StoredReservation {
  const { reservationId } = standing;
  if (standing.status === 'REJECTED') {
    throw stockUnchecked(cause);
  }
  if (!sameWish(standing, wish)) {
    throw alreadyExists('IDEMPOTENCY_KEY_REUSED', 'this idempotency-key has made a reservation with other content', { reservationId });
  }
  return standing;
}

function stockUnchecked(cause: RpcError | undefined): RpcError {
  return unavailable('STOCK_UNCHECKED', 'the stock could not be checked; nothing was reserved, please try again', { cause });
}
