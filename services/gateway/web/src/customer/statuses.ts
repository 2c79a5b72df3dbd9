import { Mypage_Status } from '#proto/es/rentcar/mypage/v1/mypage_pb.ts';
import { Reservation_Status } from '#proto/es/rentcar/reservation/v1/reservation_pb.ts';
import type { Tone } from '../ui/status.tsx';

/** A status in words. */
export interface Word {
  readonly name: string;
  readonly tone: Tone;
  /** What it means for the customer, as a sentence. */
  readonly meaning: string;
}

const unknown: Word = { name: 'Not known yet', tone: 'waiting', meaning: 'Nothing is known of this reservation yet.' };

const mypageWords: Readonly<Record<Mypage_Status, Word>> = {
  [Mypage_Status.STATUS_UNSPECIFIED]: unknown,
  [Mypage_Status.RESERVED]: { name: 'Reserved', tone: 'waiting', meaning: 'A car is held, and is being set aside now.' },
  [Mypage_Status.ALLOCATED]: { name: 'Car set aside', tone: 'good', meaning: 'A car is set aside.' },
  [Mypage_Status.CANCELLED]: {
    name: 'Cancelled',
    tone: 'off',
    meaning: 'This reservation was cancelled. The car is free for others again.',
  },
  [Mypage_Status.COMPLETED]: { name: 'Completed', tone: 'over', meaning: 'The car was used and is back.' },
};

const reservationWords: Readonly<Record<Reservation_Status, Word>> = {
  [Reservation_Status.STATUS_UNSPECIFIED]: unknown,
  [Reservation_Status.RESERVED]: { name: 'Reserved', tone: 'good', meaning: 'A car is held for the customer.' },
  [Reservation_Status.REJECTED]: { name: 'Rejected', tone: 'bad', meaning: 'The stock could not be checked, and nothing is held.' },
  [Reservation_Status.CANCELLED]: { name: 'Cancelled', tone: 'off', meaning: 'The customer cancelled.' },
  [Reservation_Status.COMPLETED]: { name: 'Completed', tone: 'over', meaning: 'The car was used and is back.' },
};

/** The words for what mypage shows; a status that is newer than this page is `Not known yet`. */
export const wordOfMypage = (status: Mypage_Status): Word => mypageWords[status] ?? unknown;

/** The words for where a reservation stands. */
export const wordOfReservation = (status: Reservation_Status): Word => reservationWords[status] ?? unknown;

/** One step on a reservation's way. */
export interface Step {
  readonly name: string;
  /** What happens in the system, for those who want to know. */
  readonly behind: string;
  readonly state: 'done' | 'now' | 'ahead';
}

const reserved = {
  name: 'Reserved',
  behind: 'The reservation service asked the car service for stock, by gRPC through the mesh, and told all others: CarReserved.',
};
const allocated = { name: 'Car set aside', behind: 'The rental service hears it on Kafka and sets a car aside: CarAllocated.' };
const completed = {
  name: 'Used and back',
  behind: 'A manager completes the use, and the car service has it in stock again: UseCompleted.',
};
const cancelled = {
  name: 'Cancelled',
  behind: 'The rental service lets go of the car, and the car service has it in stock again: AllocationCancelled.',
};

/** The steps of a reservation's way, up to where it stands and from there on. */
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
