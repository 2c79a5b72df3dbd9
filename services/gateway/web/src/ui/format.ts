import { type Timestamp, timestampDate } from '@bufbuild/protobuf/wkt';

/** The page speaks English; of its kinds, the one that the person prefers. */
const language = globalThis.navigator?.languages.find((each) => each.startsWith('en')) ?? 'en';

const numbers = new Intl.NumberFormat(language);
const plurals = new Intl.PluralRules(language);
const days = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' });
const moments = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
const times = new Intl.DateTimeFormat(language, { timeStyle: 'medium' });

/** A count with its noun, as `1 car` and `1,200 cars`. */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${numbers.format(value)} ${plurals.select(value) === 'one' ? one : many}`;
}

/** A day given as YYYY-MM-DD; the text as it is if it is no day. */
export function day(date: string): string {
  const time = Date.parse(`${date}T00:00:00Z`);
  return Number.isNaN(time) ? date : days.format(time);
}

/** A moment in the person's own time zone, to the minute; empty if there is none. */
export function moment(time: Timestamp | undefined): string {
  return time === undefined ? '' : moments.format(timestampDate(time));
}

/** A time of day to the second. */
export function timeOfDay(date: Date): string {
  return times.format(date);
}

/** Today in the person's time zone, as YYYY-MM-DD. */
export function today(now = new Date()): string {
  const month = String(now.getMonth() + 1).padStart(2, '0');
  return `${now.getFullYear()}-${month}-${String(now.getDate()).padStart(2, '0')}`;
}
