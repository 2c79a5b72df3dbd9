import { type Envelope, type EventHandler, type EventType, onBatch, PoisonEvent } from '#kit/events/events.ts';
import type { Tx } from '#kit/postgres/database.ts';
import { isId } from '#kit/runtime/ids.ts';
import { AllocationCancelled, CarAllocated, UseCompleted } from '#proto/rentcar/rental/v1/events.ts';
import { CarReserved, ReservationCancelled } from '#proto/rentcar/reservation/v1/events.ts';
import { type Source, STATUS, type Status } from './domain.ts';
import type { Details, MypageEvent, MypageStore } from './store.ts';
import type { Watches } from './watch.ts';

interface ReservationEvent extends Details {
  readonly reservationId: string;
  readonly version: number;
}

/** Handlers that store each event of a reservation in its view, and notify the watchers of this replica. */
export function mypagePolicies(store: MypageStore, watches: Watches): EventHandler[] {
  const project = <T extends ReservationEvent>(type: EventType<T>, source: Source, status: Status) =>
    onBatch(type, async (events, _tx: Tx, envelopes) => {
      await store.apply(events.map((event, index) => toMypageEvent(event, source, status, envelopes[index])));
      await watches.changed(events.map(({ reservationId }) => reservationId));
    });
  return [
    project(CarReserved, 'reservation', STATUS.RESERVED),
    project(ReservationCancelled, 'reservation', STATUS.CANCELLED),
    project(CarAllocated, 'rental', STATUS.ALLOCATED),
    project(AllocationCancelled, 'rental', STATUS.CANCELLED),
    project(UseCompleted, 'rental', STATUS.COMPLETED),
  ];
}

function toMypageEvent(event: ReservationEvent, source: Source, status: Status, envelope: Envelope | undefined): MypageEvent {
  const { reservationId, version, carId, userId, carName, userName, reservedDate } = event;
  if (envelope === undefined) throw new Error('each event has an envelope');
  if (!isId(reservationId)) throw new PoisonEvent('the reservationId is not a UUID');
  if (!isId(carId)) throw new PoisonEvent('the carId is not a UUID');
  const details = { carId, userId, ...(source === 'reservation' ? { carName, userName, reservedDate } : {}) };
  return { reservationId, source, version, status, details, time: envelope.time };
}
