import type { Tx } from '#kit/database.ts';
import { type Envelope, type EventHandler, onBatch } from '#kit/events.ts';
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
    (status: 'RESERVED' | 'CANCELLED') => async (events: readonly ReservationEvent[], _tx: Tx, envelopes: readonly Envelope[]) => {
      const told = events.map(async ({ reservationId, version, carId, carName, userId, userName, reservedDate }, index) => {
        const details = { carId, carName, userId, userName, reservedDate };
        await store.tell('reservation', reservationId, { version, status }, details, timeOf(envelopes[index]));
      });
      await Promise.all(told);
    };
  const rental =
    (status: 'ALLOCATED' | 'CANCELLED' | 'COMPLETED') =>
    async (events: readonly RentalEvent[], _tx: Tx, envelopes: readonly Envelope[]) => {
      const told = events.map(async ({ reservationId, version, carId, userId }, index) => {
        const seen: Seen<typeof status> = { version, status };
        await store.tell('rental', reservationId, seen, { carId, userId }, timeOf(envelopes[index]));
      });
      await Promise.all(told);
    };
  return [
    onBatch(CarReserved, reservation('RESERVED')),
    onBatch(ReservationCancelled, reservation('CANCELLED')),
    onBatch(CarAllocated, rental('ALLOCATED')),
    onBatch(AllocationCancelled, rental('CANCELLED')),
    onBatch(UseCompleted, rental('COMPLETED')),
  ];
}

function timeOf(envelope: Envelope | undefined): Date {
  if (envelope === undefined) throw new Error('each event has an envelope');
  return envelope.time;
}
