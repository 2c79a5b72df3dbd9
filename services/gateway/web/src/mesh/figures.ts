const few = new Intl.NumberFormat('en', { maximumFractionDigits: 1 });
const many = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 });

/** Shown without a value. */
export const NOTHING = '–';

/** A number with as many places as say something: `0.4`, `12`. */
export function number(value: number): string {
  return (value < 10 ? few : many).format(value);
}

/** `12/s`. */
export function perSecond(value: number): string {
  return `${number(value)}/s`;
}

/** `45 ms`, `1.2 s`. */
export function duration(milliseconds: number | undefined): string {
  if (milliseconds === undefined) return NOTHING;
  return milliseconds < 1000 ? `${number(milliseconds)} ms` : `${few.format(milliseconds / 1000)} s`;
}

/** `99.5%`: never rounded up to a whole that it is not. */
export function share(value: number | undefined): string {
  if (value === undefined) return NOTHING;
  return percent.format(value < 1 ? Math.min(value, 0.999) : value);
}
