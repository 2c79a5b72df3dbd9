import { type Signal, signal } from '@preact/signals';
import { type Person, parsePerson } from './parse-person.ts';
import { keep, recall } from './storage.ts';

export type { Person } from './parse-person.ts';

/** The user. Undefined until the user gives an id. */
export const person: Signal<Person | undefined> = signal(parsePerson(recall('person')));

/** Stores the user in the browser. Undefined removes the user. */
export function keepPerson(who: Person | undefined): void {
  person.value = who;
  keep('person', who === undefined ? undefined : JSON.stringify(who));
}
