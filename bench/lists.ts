import { quantile } from '../dev/terminal/quantile.ts';
import type { HttpClient } from './http-client.ts';
import { Counter, type Tally } from './load.ts';

/** Items of a page: the most that the API allows. */
const PAGE_SIZE = 100;
/** A deep page comes after this many pages. Pages begin at a key, so deeper ones cost no more rows. */
export const DEEP_PAGES = 50;

/** Attempts to read a page on the way to a deep one. */
const ATTEMPTS = 3;

/** A list of the API that is measured. */
interface List {
  readonly title: string;
  /** Undefined for a deep page that could not be reached, as pages before it failed. */
  readonly path: string | undefined;
}

/** Latency of one list. */
export interface ListLatency {
  readonly title: string;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly failures: Tally['failures'];
}

/** A loaded item, as far as filters need it. */
interface Item {
  readonly reservationId: string;
  readonly carId: string;
  readonly userId: string;
  readonly carName: string;
}

/** Returns all lists with and without filters, whose values are those of the first items. */
async function lists(client: HttpClient): Promise<List[]> {
  const { rentals } = await client.json<{ rentals: Item[] }>('/rentcar/rentals?pageSize=1');
  const { cars } = await client.json<{ cars: Item[] }>('/rentcar/cars?pageSize=1');
  const [rental, car] = [rentals[0], cars[0]];
  if (rental === undefined || car === undefined) throw new Error('there are no rentals or cars to list');
  const filters: Readonly<Record<string, readonly string[]>> = {
    '/rentcar/reservations': ['', `userId=${rental.userId}`, `carId=${rental.carId}`, 'status=CANCELLED'],
    '/rentcar/rentals': ['', `userId=${rental.userId}`, `reservationId=${rental.reservationId}`, 'status=CANCELLED'],
    '/rentcar/mypages': ['', `userId=${rental.userId}`, 'status=CANCELLED'],
    '/rentcar/cars': ['', `carName=${encodeURIComponent(car.carName)}`, 'inStock=true'],
  };
  const first = Object.entries(filters).flatMap(([path, each]) =>
    each.map((filter) => ({
      title: filter === '' ? `${path}, all` : `${path}, ${filter.startsWith('status') ? filter : filter.replace(/=.*/, '')}`,
      path: `${path}?pageSize=${PAGE_SIZE}${filter && `&${filter}`}`,
    })),
  );
  const deep: List[] = [];
  for (const { title, path } of first) deep.push(...(await deepPage(client, title, path)));
  return [...first, ...deep];
}

/** Returns the page after DEEP_PAGES pages; none if the list is shorter. */
async function deepPage(client: HttpClient, title: string, path: string): Promise<List[]> {
  const deep = `${title}, deep`;
  let token: string | undefined = '';
  for (let page = 0; page < DEEP_PAGES; page++) {
    token = await nextToken(client, `${path}&pageToken=${encodeURIComponent(token)}`);
    if (token === undefined) return [{ title: deep, path: undefined }];
    if (token === '') return [];
  }
  return [{ title: deep, path: `${path}&pageToken=${encodeURIComponent(token)}` }];
}

/** Reads a page and returns the token of the next one; undefined if all attempts fail. */
async function nextToken(client: HttpClient, path: string): Promise<string | undefined> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { status, body } = await client.send(path);
    // The body of a 200 of a list.
    if (status === 200) return (JSON.parse(body) as { nextPageToken: string }).nextPageToken;
  }
  return undefined;
}

/** Calls every list `calls` times, one call at a time, in turns so that what else the machine does meets all alike. */
export async function measureLists(client: HttpClient, calls: number): Promise<ListLatency[]> {
  const measured = (await lists(client)).map((list) => ({ list, counter: new Counter(Number.POSITIVE_INFINITY) }));
  for (let call = 0; call < calls; call++) {
    for (const { list, counter } of measured) {
      if (list.path === undefined) {
        counter.fail('NOT_REACHED');
        continue;
      }
      const answer = await client.send(list.path);
      counter.add(answer, answer.ms);
    }
  }
  return measured.map(({ list: { title }, counter: { latencies, failures } }) => ({
    title,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    max: quantile(latencies, 1),
    failures,
  }));
}
