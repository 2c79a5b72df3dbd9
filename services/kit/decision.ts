import type { DelayedJob } from './jobs/job.ts';

/** A new state, with the events that report it. */
export interface Outcome<State, Event> {
  /** The state to store. The version and the times are the store's. The present state itself: nothing is stored. */
  readonly state: State;
  /**
   * The events to publish, in this order: names of events of the table, or `{ Name: { field: value } }` for an event with
   * fields that differ from the state. All other fields are those of the new state.
   */
  readonly events: readonly Event[];
  /** The jobs to schedule, with the id of the entity as their key. */
  readonly jobs?: readonly Omit<DelayedJob, 'key'>[];
}

/**
 * What a rule decides about an entity: an outcome, a refusal (its reason in UPPER_SNAKE_CASE), or undefined to leave the entity
 * as it is. A rule is a pure function.
 */
export type Decision<State, Event, Refusal extends string = never> = Outcome<State, Event> | Refusal | undefined;
