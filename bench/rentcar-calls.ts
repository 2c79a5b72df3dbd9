import { randomUUID } from 'node:crypto';
import type { HttpAnswer, HttpClient } from './http-client.ts';

/** Most stock that a car can be registered with. */
const MOST_STOCK = 1_000_000;

/** What the benchmarks read of a reservation. */
export interface Reservation {
  readonly reservationId: string;
  /** When PostgreSQL began the transaction that stored it, in milliseconds. */
  readonly createTime: string;
}

/** Registers a car with enough stock for a run, and returns its id. */
export async function registerCar(client: HttpClient): Promise<string> {
  const { carId } = await client.json<{ carId: string }>(`${client.rentcar}/cars`, { body: { carName: 'BENCH', qty: MOST_STOCK } });
  return carId;
}

/** Returns a user id that no other run has. */
export function newUser(): string {
  return `bench-${randomUUID()}`;
}

/** Reserves the car once, without an idempotency key. */
export function reserve(client: HttpClient, carId: string, userId: string): Promise<HttpAnswer> {
  return client.send(`${client.rentcar}/reservations`, { body: { carId, userId } });
}

/** The reservation of a successful answer. */
export function reservationOf({ body }: HttpAnswer): Reservation {
  // The body of a 200 of POST /rentcar/reservations.
  return JSON.parse(body) as Reservation;
}

/** Counts the user's reservations with a status, page by page. */
export async function countReservations(client: HttpClient, userId: string, status: string): Promise<number> {
  for (let count = 0, token = ''; ; ) {
    const path = `${client.rentcar}/reservations?userId=${userId}&status=${status}&pageSize=100&pageToken=${encodeURIComponent(token)}`;
    const page = await client.json<{ reservations: unknown[]; nextPageToken: string }>(path);
    count += page.reservations.length;
    token = page.nextPageToken;
    if (token === '') return count;
  }
}
