import type { Tx } from '#kit/database.ts';
import { type Envelope, type EventHandler, on } from '#kit/events.ts';
import { AllocationCancelled, CarAllocated, UseCompleted } from '#proto/rentcar/rental/v1/events.ts';
import { CarReserved, ReservationCancelled } from '#proto/rentcar/reservation/v1/events.ts';
import type { Seen } from './domain.ts';
import type { Details, MypageStore } from './store.ts';

interface ReservationEvent extends Required<Details> {
  readonly reservationId: string;
  readonly version: number;
}

interface RentalEvent {
  readonly reservationId: string;
  readonly carId: string;
  readonly userId: string;
  readonly version: number;
}

/** Every event that a customer sees something of becomes what its source has told, at the source's version. */
export function mypagePolicies(store: MypageStore): EventHandler[] {
  const reservation =
    (status: 'RESERVED' | 'CANCELLED') =>
    async (event: ReservationEvent, _tx: Tx, { time }: Envelope) => {
      const { reservationId, version, carId, carName, userId, userName, reservedDate } = event;
      await store.tell('reservation', reservationId, { version, status }, { carId, carName, userId, userName, reservedDate }, time);
    };
  const rental =
    (status: 'ALLOCATED' | 'CANCELLED' | 'COMPLETED') =>
    async (event: RentalEvent, _tx: Tx, { time }: Envelope) => {
      const { reservationId, version, carId, userId } = event;
      const seen: Seen<typeof status> = { version, status };
      await store.tell('rental', reservationId, seen, { carId, userId }, time);
    };
  return [
    on(CarReserved, reservation('RESERVED')),
    on(ReservationCancelled, reservation('CANCELLED')),
    on(CarAllocated, rental('ALLOCATED')),
    on(AllocationCancelled, rental('CANCELLED')),
    on(UseCompleted, rental('COMPLETED')),
  ];
}
