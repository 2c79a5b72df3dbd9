import { Mypage_Status } from '#proto/es/rentcar/mypage/v1/mypage_pb.ts';
import { Rental_Status } from '#proto/es/rentcar/rental/v1/rental_pb.ts';
import { Reservation_Status } from '#proto/es/rentcar/reservation/v1/reservation_pb.ts';
import { type StatusWord, unknownStatus } from '../../ui/status.tsx';
import type { Step } from '../../ui/steps.tsx';

const mypageWords: Readonly<Record<Mypage_Status, StatusWord>> = {
  [Mypage_Status.STATUS_UNSPECIFIED]: unknownStatus,
  [Mypage_Status.RESERVED]: { name: 'Reserved', tone: 'waiting', meaning: 'A car is held, and is being set aside now.' },
  [Mypage_Status.ALLOCATED]: { name: 'Car set aside', tone: 'good', meaning: 'A car is set aside.' },
  [Mypage_Status.CANCELLED]: {
    name: 'Cancelled',
    tone: 'off',
    meaning: 'This reservation was cancelled. The car is free for others again.',
  },
  [Mypage_Status.COMPLETED]: { name: 'Completed', tone: 'over', meaning: 'The car was used and is back.' },
};

const reservationWords: Readonly<Record<Reservation_Status, StatusWord>> = {
  [Reservation_Status.STATUS_UNSPECIFIED]: unknownStatus,
  [Reservation_Status.RESERVED]: { name: 'Reserved', tone: 'good', meaning: 'A car is held for the customer.' },
  [Reservation_Status.REJECTED]: { name: 'Rejected', tone: 'bad', meaning: 'The stock could not be checked, and nothing is held.' },
  [Reservation_Status.CANCELLED]: { name: 'Cancelled', tone: 'off', meaning: 'The customer cancelled.' },
  [Reservation_Status.COMPLETED]: { name: 'Completed', tone: 'over', meaning: 'The car was used and is back.' },
};

/** Returns the words for a status of the view. */
export const wordOfMypage = (status: Mypage_Status): StatusWord => mypageWords[status] ?? unknownStatus;

/** Returns the words for a status of a reservation. */
export const wordOfReservation = (status: Reservation_Status): StatusWord => reservationWords[status] ?? unknownStatus;

const reserved = {
  name: 'Reserved',
  behind: 'The reservation service asked the car service for stock, by gRPC through the mesh, and published CarReserved.',
};
const allocated = { name: 'Car set aside', behind: 'The rental service reads it from Kafka and sets a car aside: CarAllocated.' };
const completed = {
  name: 'Used and back',
  behind: 'A manager completes the use, and the car service has it in stock again: UseCompleted.',
};
const cancelled = {
  name: 'Cancelled',
  behind: 'The rental service lets go of the car, and the car service has it in stock again: AllocationCancelled.',
};

/** Returns the steps of a reservation. */
export function stepsOf(status: Mypage_Status): readonly Step[] {
  const done = 'done' as const;
  switch (status) {
    case Mypage_Status.CANCELLED:
      return [
        { ...reserved, state: done },
        { ...cancelled, state: done },
      ];
    case Mypage_Status.COMPLETED:
      return [reserved, allocated, completed].map((step) => ({ ...step, state: done }));
    case Mypage_Status.ALLOCATED:
      return [
        { ...reserved, state: done },
        { ...allocated, state: done },
        { ...completed, state: 'ahead' },
      ];
    default:
      return [
        { ...reserved, state: done },
        { ...allocated, state: 'now' },
        { ...completed, state: 'ahead' },
      ];
  }
}

const rentalWords: Readonly<Record<Rental_Status, StatusWord>> = {
  [Rental_Status.STATUS_UNSPECIFIED]: unknownStatus,
  [Rental_Status.ALLOCATED]: { name: 'Set aside', tone: 'good', meaning: 'A car is set aside.' },
  [Rental_Status.CANCELLED]: { name: 'Cancelled', tone: 'off', meaning: 'The reservation was cancelled.' },
  [Rental_Status.COMPLETED]: { name: 'Completed', tone: 'over', meaning: 'The car is back.' },
};

/** Returns the words for a status of an allocation. */
export const wordOfRental = (status: Rental_Status): StatusWord => rentalWords[status] ?? unknownStatus;

/** Whether a reservation does not change any more. */
export function isOver(status: Mypage_Status): boolean {
  return status === Mypage_Status.CANCELLED || status === Mypage_Status.COMPLETED;
}
