import { setTimeout as sleep } from 'node:timers/promises';

/** A step of the proof that did not come out; the message says what was expected and what came. */
export class ProofFailed extends Error {
  override readonly name = 'ProofFailed';
  /** The service whose log tells more. */
  readonly service: string;

  constructor(message: string, service: string) {
    super(message);
    this.service = service;
  }
}

/** Told of each step that came out: what was done, what was seen, and milliseconds. */
export type ProofReport = (what: string, seen: string, milliseconds: number) => void;

interface Car {
  readonly carId: string;
  readonly carName: string;
  readonly qty: number;
}

interface Reservation {
  readonly reservationId: string;
  readonly status: string;
}

interface Rental {
  readonly rentalId: string;
  readonly status: string;
}

/** The longest that an effect of an event may take to show, in milliseconds: a consumer group that has just been joined by everyone. */
const patience = 20_000;

/** The edge answers at once or not at all; a request that hangs fails the proof. */
const requestTimeout = 5_000;

const proofCar = { carName: 'SONATA', qty: 10 };

/**
 * Registers the car of the proof. The idempotency key makes all proofs share one car; where an earlier proof was cut off and left it short of
 * its full stock, the car of the next key.
 */
async function registerCar(url: string): Promise<Car> {
  for (let attempt = 1; ; attempt += 1) {
    const key = `self-proof-${attempt}`;
    const { carId } = await post<Car>(url, '/rentcar/cars', proofCar, 'car-1', { 'idempotency-key': key });
    const car = await fetchJson<Car>(url, `/rentcar/cars/${carId}`, 'car-1');
    if (car.qty === proofCar.qty) return car;
  }
}

/**
 * Proves that a system works, through its public door: a car is registered and reserved, the stock is one lower, the allocation and the
 * customer's view appear by events, and after a cancellation everything is as before.
 *
 * @param url the edge
 * @throws ProofFailed at the first step that does not come out
 */
export async function prove(url: string, report: ProofReport): Promise<void> {
  const step = async <T>(what: string, work: () => Promise<T>, seen: (result: T) => string): Promise<T> => {
    const start = performance.now();
    const result = await work();
    report(what, seen(result), performance.now() - start);
    return result;
  };

  const car = await step(
    'register a car',
    () => registerCar(url),
    ({ carName, qty }) => `${carName}, ${qty} in stock`,
  );
  const reservation = await step(
    'reserve it',
    () =>
      post<Reservation>(url, '/rentcar/reservations', { carId: car.carId, userId: 'self-proof', userName: 'Self Proof' }, 'reservation-1'),
    ({ status }) => status,
  );
  const id = reservation.reservationId;
  const stock = () => fetchJson<Car>(url, `/rentcar/cars/${car.carId}`, 'car-1');
  const rental = async () => (await fetchJson<{ rentals: Rental[] }>(url, `/rentcar/rentals?reservationId=${id}`, 'rental-1')).rentals[0];
  const view = () => fetchJson<{ status: string }>(url, `/rentcar/mypages/${id}`, 'mypage-1', true);

  await step(
    'stock is one lower',
    () => expecting('car-1', `${car.qty - 1} in stock`, stock, ({ qty }) => qty === car.qty - 1),
    ({ qty }) => `${qty} in stock`,
  );
  await step(
    'allocated by event',
    () => until('rental-1', 'an allocation', rental, (found) => found?.status === 'ALLOCATED'),
    (found) => found?.status ?? '',
  );
  await step(
    'shown in mypage',
    () => until('mypage-1', 'the view', view, (found) => found?.status === 'ALLOCATED'),
    (found) => found?.status ?? '',
  );
  await step(
    'cancel',
    () => post<Reservation>(url, `/rentcar/reservations/${id}:cancel`, {}, 'reservation-1'),
    ({ status }) => status,
  );
  await step(
    'allocation cancelled',
    () => until('rental-1', 'the cancelled allocation', rental, (found) => found?.status === 'CANCELLED'),
    (found) => found?.status ?? '',
  );
  await step(
    'mypage follows',
    () => until('mypage-1', 'the cancelled view', view, (found) => found?.status === 'CANCELLED'),
    (found) => found?.status ?? '',
  );
  await step(
    'stock is restored',
    () => until('car-1', 'the restored stock', stock, ({ qty }) => qty === car.qty),
    ({ qty }) => `${qty} in stock`,
  );
}

/** Asks once. */
async function expecting<T>(service: string, what: string, ask: () => Promise<T>, wanted: (found: T) => boolean): Promise<T> {
  const found = await ask();
  if (!wanted(found)) throw new ProofFailed(`expected ${what}, found ${JSON.stringify(found)}`, service);
  return found;
}

/** Asks again until what is wanted has come. */
async function until<T>(service: string, what: string, ask: () => Promise<T>, wanted: (found: T) => boolean): Promise<T> {
  const deadline = Date.now() + patience;
  for (;;) {
    const found = await ask();
    if (wanted(found)) return found;
    if (Date.now() > deadline)
      throw new ProofFailed(`${what} did not appear within ${patience / 1000} s; last seen: ${JSON.stringify(found)}`, service);
    await sleep(20);
  }
}

function post<T>(url: string, path: string, body: unknown, service: string, headers: Record<string, string> = {}): Promise<T> {
  return request<T>(url, path, service, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

function fetchJson<T>(url: string, path: string, service: string): Promise<T>;
/** With `mayBeMissing`, undefined for 404. */
function fetchJson<T>(url: string, path: string, service: string, mayBeMissing: true): Promise<T | undefined>;
function fetchJson<T>(url: string, path: string, service: string, mayBeMissing = false): Promise<T | undefined> {
  return request<T | undefined>(url, path, service, {}, mayBeMissing);
}

async function request<T>(url: string, path: string, service: string, init: RequestInit, mayBeMissing = false): Promise<T> {
  let response: Response;
  try {
    response = await fetch(`${url}${path}`, { ...init, signal: AbortSignal.timeout(requestTimeout) });
  } catch (error) {
    throw new ProofFailed(`${path} got no answer (${error instanceof Error ? (error.cause ?? error) : error})`, 'edge');
  }
  const text = await response.text();
  // The answers that the contracts in proto/ describe; a 404 is undefined where the caller says so.
  if (response.status === 404 && mayBeMissing) return undefined as T;
  if (!response.ok) throw new ProofFailed(`${path} answered ${response.status}: ${text.slice(0, 300)}`, service);
  return JSON.parse(text) as T;
}
