import { type EventHandler, onBatch, PoisonEvent } from '#kit/events/events.ts';
import { HoldsUnconfirmed } from '#proto/rentcar/car/v1/events.ts';
import { UseCompleted } from '#proto/rentcar/rental/v1/events.ts';
import { complete } from './domain.ts';
import type { ReservationStore } from './store.ts';

/** Event handlers of the reservation service. */
export function reservationPolicies(store: ReservationStore): EventHandler[] {
  return [
    onBatch(UseCompleted, async (events, tx, envelopes) => {
      const ids = events.map(({ reservationId }) => reservationId);
      const traces = envelopes.map(({ trace }) => trace);
      for (const [index, result] of (await store.updateAll(ids, complete, traces, tx)).entries()) {
        if (typeof result !== 'object') throw new PoisonEvent(`reservation ${ids[index]} has no car to bring back`);
      }
    }),
    onBatch(HoldsUnconfirmed, async (questions, tx) => {
      await store.releaseUnknown(
        questions.flatMap(({ holds }) => holds),
        tx,
      );
    }),
  ];
}
