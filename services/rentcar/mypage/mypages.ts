import { onEvent, type ProjectionSpec } from '#kit/projection/projection.ts';
import { type Mypage, Mypage_Status as Status } from '#proto/rentcar/mypage/v1/mypage.ts';
import { AllocationCancelled, CarAllocated, UseCompleted } from '#proto/rentcar/rental/v1/events.ts';
import { CarReserved, ReservationCancelled } from '#proto/rentcar/reservation/v1/events.ts';

/** Types of the projection. */
export interface MypageShape {
  readonly key: 'reservationId';
  readonly details: Pick<Mypage, 'carId' | 'carName' | 'userId' | 'userName' | 'reservedDate'>;
  readonly status: Status;
  readonly view: Mypage;
}

const reservation = {
  source: 'reservation',
  set: ['carId', 'carName', 'userId', 'userName', 'reservedDate'],
  uuids: ['carId'],
} as const;

const rental = { source: 'rental', set: ['carId', 'userId'], uuids: ['carId'] } as const;

/**
 * How events change the view of a reservation. A completed use outweighs a cancellation. A cancellation by either
 * service counts before the other service follows.
 */
export const mypages: ProjectionSpec<MypageShape> = {
  collection: 'mypages',
  key: 'reservationId',
  unknownReason: 'MYPAGE_NOT_FOUND',
  filters: ['userId', 'status'],
  events: [
    onEvent(CarReserved, { ...reservation, status: Status.RESERVED }),
    onEvent(CarAllocated, { ...rental, status: Status.ALLOCATED }),
    onEvent(ReservationCancelled, { ...reservation, status: Status.CANCELLED }),
    onEvent(AllocationCancelled, { ...rental, status: Status.CANCELLED }),
    onEvent(UseCompleted, { ...rental, status: Status.COMPLETED }),
  ],
  toView: ({ key, status, details, updateTime }) => {
    return { reservationId: key, carId: '', carName: '', userId: '', userName: '', reservedDate: '', ...details, status, updateTime };
  },
};
