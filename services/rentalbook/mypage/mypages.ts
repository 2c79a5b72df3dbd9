import { onEvent, type ProjectionSpec } from '#kit/projection/projection.ts';
import type { Row } from '#kit/projection/spec.ts';
import { type Mypage, Mypage_Status as Status } from '#proto/rentalbook/mypage/v1/mypage.ts';
import { Rented } from '#proto/rentalbook/rental/v1/events.ts';
import { Checked, CheckFailed, ReturnedBook, Subscribed, SubscriptionCancelled } from '#proto/rentalbook/system/v1/events.ts';

/** Types of the projection. */
export interface MypageShape {
  readonly key: 'reserveId';
  readonly details: Pick<Mypage, 'bookId' | 'bookNm' | 'userNm' | 'statusText' | 'rentalId' | 'reason'> & {
    /** When the rental that has used the reserve was requested. */
    readonly startTime: Date | undefined;
    /** When the member last requested the book, also under another reserve. */
    readonly requestTime: Date | undefined;
    /** When the newest refused request was made, and `reason` why, also under another reserve. */
    readonly refusedRequestTime: Date | undefined;
  };
  readonly status: Status;
  readonly view: Mypage;
}

const reserve = { source: 'system', set: ['bookId', 'bookNm', 'userNm'], uuids: ['bookId'] } as const;

/** A member has at most one ACTIVE reserve of a book, so both find the reserves that a request may be about. */
const aliasOf = ({ bookId, userNm }: { readonly bookId: string; readonly userNm: string }) => `${bookId} ${userNm}`;

/** Requests of a member for a book are numbered by their times. */
const millisecondsOf = (time: Date | undefined) => time?.getTime() ?? 0;

/**
 * How events change the view of a reserve: the greatest status counts. A request for the book names no reserve. It makes a reserve
 * START_RENTAL until its check, see `toView`.
 */
export const mypages: ProjectionSpec<MypageShape> = {
  collection: 'mypages',
  key: 'reserveId',
  unknownReason: 'MYPAGE_NOT_FOUND',
  filters: ['userNm'],
  history: true,
  events: [
    onEvent(Subscribed, { ...reserve, set: [...reserve.set, 'statusText'], status: Status.BOOKING, links: aliasOf }),
    onEvent(Rented, {
      source: 'requests',
      latest: ['requestTime'],
      alias: aliasOf,
      version: ({ requestTime }) => millisecondsOf(requestTime),
    }),
    onEvent(CheckFailed, {
      source: 'refusals',
      latest: ['refusedRequestTime', 'reason'],
      alias: aliasOf,
      version: ({ refusedRequestTime }) => millisecondsOf(refusedRequestTime),
    }),
    onEvent(Checked, {
      ...reserve,
      set: [...reserve.set, 'rentalId', 'startTime'],
      uuids: ['bookId', 'rentalId'],
      status: Status.ON_RENTAL,
    }),
    onEvent(ReturnedBook, { ...reserve, set: [...reserve.set, 'rentalId'], uuids: ['bookId', 'rentalId'], status: Status.RETURN_COMPLETE }),
    onEvent(SubscriptionCancelled, { ...reserve, status: Status.CANCELLED }),
  ],
  toView,
};

const TEXTS: ReadonlyMap<Status, string> = new Map([
  [Status.START_RENTAL, 'Start Rental'],
  [Status.ON_RENTAL, 'On rental'],
  [Status.RETURN_COMPLETE, 'Return Complete'],
  [Status.CANCELLED, 'Cancelled'],
]);

function toView(row: Row<MypageShape>): Mypage {
  const { bookId = '', bookNm = '', userNm = '', rentalId = '', statusText = '', startTime } = row.details;
  const { requestTime, reason } = latestRequest(row);
  const status = requestTime !== undefined && reason === '' ? Status.START_RENTAL : row.status;
  const started = status === Status.START_RENTAL ? requestTime : startTime;
  const start = started === undefined ? [] : [{ status: Status.START_RENTAL, time: started }];
  return {
    ...{ reserveId: row.key, bookId, bookNm, userNm, status, rentalId, reason },
    statusText: TEXTS.get(status) ?? statusText,
    history: [...row.states, ...start].toSorted((one, other) => one.status - other.status),
    updateTime: row.updateTime,
  };
}

/** Returns the member's newest request under an ACTIVE reserve, and why it was refused. */
function latestRequest({ status, details, states }: Row<MypageShape>): { readonly requestTime?: Date; readonly reason: string } {
  const { requestTime, refusedRequestTime, reason = '' } = details;
  const bookingTime = states.find((state) => state.status === Status.BOOKING)?.time;
  const isOfThisReserve = millisecondsOf(requestTime) >= millisecondsOf(bookingTime);
  if (status !== Status.BOOKING || requestTime === undefined || !isOfThisReserve) return { reason: '' };
  const isRefused = millisecondsOf(refusedRequestTime) >= millisecondsOf(requestTime);
  return { requestTime, reason: isRefused ? reason : '' };
}
