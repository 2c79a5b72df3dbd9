import { failureFromRest } from './failure.ts';
import { edge } from './instance.ts';

/** What a request can have besides method and path. */
export interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | boolean>>;
}

/** A call of the REST form at the edge. A text as body is sent as it is. Rejects with Failure for an error answer. */
export async function rest<T>(method: 'GET' | 'POST', path: string, body?: object | string, options: RequestOptions = {}): Promise<T> {
  const query = new URLSearchParams(Object.entries(options.query ?? {}).map(([name, value]) => [name, String(value)])).toString();
  const response = await fetch(`${edge.url}${path}${query && `?${query}`}`, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...options.headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    // Only so that a lost answer fails one test and not the run.
    signal: AbortSignal.timeout(60_000),
  });
  const text = await response.text();
  if (!response.ok) throw failureFromRest(response.status, response.headers, text);
  // What a path answers is for its caller to know.
  return JSON.parse(text) as T;
}

/** GET with a query. */
export async function get<T>(path: string, query: RequestOptions['query'] = {}): Promise<T> {
  return await rest('GET', path, undefined, { query });
}

/** POST of a JSON object. */
export async function post<T>(path: string, body: object = {}): Promise<T> {
  return await rest('POST', path, body);
}

/** All items of a list, page by page. `member` is the list's name in the answer. */
export async function listAll<T>(path: string, member: string, query: RequestOptions['query'] = {}, pageSize = 100): Promise<T[]> {
  return (await pages<T>(path, member, query, pageSize)).flat();
}

/** The pages of a list, up to the one without a next page. */
export async function pages<T>(path: string, member: string, query: RequestOptions['query'], pageSize: number): Promise<T[][]> {
  const found: T[][] = [];
  for (let token = ''; ; ) {
    const paged = { ...query, page_size: pageSize, ...(token !== '' && { page_token: token }) };
    const page: { nextPageToken: string } & Record<string, T[] | string> = await rest('GET', path, undefined, { query: paged });
    const items = page[member];
    if (!Array.isArray(items)) throw new Error(`${path} answered no ${member}: ${JSON.stringify(page)}`);
    found.push(items);
    token = page.nextPageToken;
    if (token === '') return found;
  }
}
