/** A film at a time. */
export interface Show {
  readonly cinemaNo: string;
  readonly time: string;
  /** In won. */
  readonly price: number;
}

/** What the page offers. The services keep no programme: they take every film and time. */
export const programme: readonly Show[] = [
  { cinemaNo: 'AVATOR', time: '2021-02-18_10:00~13:00', price: 12_000 },
  { cinemaNo: 'AVATOR', time: '2021-02-18_19:00~22:00', price: 15_000 },
  { cinemaNo: 'SOUL', time: '2021-02-18_14:00~16:00', price: 10_000 },
  { cinemaNo: 'MINARI', time: '2021-02-18_20:00~22:00', price: 13_000 },
];

/** Returns a price in words. */
export function won(price: number): string {
  return `${price.toLocaleString('en')} won`;
}

/** Returns a time of a show as people read it; a text of another form stays as it is. */
export function showTime(time: string): string {
  return time.replace('_', ', ').replace('~', ' to ');
}
