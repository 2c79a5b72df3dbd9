import { type Timestamp, timestampDate } from '@bufbuild/protobuf/wkt';

/** The preferred variant of English. */
const language = globalThis.navigator?.languages.find((each) => each.startsWith('en')) ?? 'en';

const numbers = new Intl.NumberFormat(language);
const plurals = new Intl.PluralRules(language);
const days = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' });
const moments = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
const times = new Intl.DateTimeFormat(language, { timeStyle: 'medium' });

/** Formats a count with a noun: `1 item`, `1,200 items`. */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${numbers.format(value)} ${plurals.select(value) === 'one' ? one : many}`;
}

/** Formats YYYY-MM-DD. Returns other text unchanged. */
export function day(date: string): string {
  const time = Date.parse(`${date}T00:00:00Z`);
  return Number.isNaN(time) ? date : days.format(time);
}

/** Formats a timestamp in the local time zone, to the minute. Empty if undefined. */
export function moment(time: Timestamp | undefined): string {
  return time === undefined ? '' : moments.format(timestampDate(time));
}

/** Formats a time of day, to the second. */
export function timeOfDay(date: Date): string {
  return times.format(date);
}

/** Returns today in the local time zone as YYYY-MM-DD. */
export function today(now = new Date()): string {
  const month = String(now.getMonth() + 1).padStart(2, '0');
  return `${now.getFullYear()}-${month}-${String(now.getDate()).padStart(2, '0')}`;
}
