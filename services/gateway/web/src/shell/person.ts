import { type Signal, signal } from '@preact/signals';
import { type Person, parsePerson } from './parse-person.ts';
import { keep, recall } from './storage.ts';

export type { Person } from './parse-person.ts';

/** The person at the screen; undefined until he says who he is. */
export const person: Signal<Person | undefined> = signal(parsePerson(recall('person')));

/** Remembers the person, here and in the browser; undefined forgets him. */
export function keepPerson(who: Person | undefined): void {
  person.value = who;
  keep('person', who === undefined ? undefined : JSON.stringify(who));
}
