import { expect } from 'vitest';
import { invariant } from '../../services/cinema/dev/invariant.ts';
import { eventually } from '../support/eventually.ts';
import { patiently, unique } from '../support/patiently.ts';
import { get, listAll, rest } from '../support/rest.ts';
import { tested } from '../support/tested/index.ts';

/** What a reservation asks for. */
export interface Ticket {
  readonly userId: string;
  readonly cinemaNo: string;
  readonly time: string;
  readonly price: number;
}

/** A reservation, a payment or a booking as REST shows it. */
export interface OfTicket extends Ticket {
  readonly reservationId: string;
  readonly status: string;
  readonly createTime: string;
  readonly updateTime: string;
}

/** A row of information as REST shows it. */
export interface Information extends Ticket {
  readonly reservationId: string;
  readonly status: string;
  readonly history: readonly { readonly status: string; readonly time: string }[];
  readonly updateTime: string;
}

/** A ticket of a user of its own. */
export function ticketOf(more: Partial<Ticket> = {}): Ticket {
  return { userId: unique('user'), cinemaNo: 'AVATOR', time: '2021-02-18_10:00~13:00', price: 12_000, ...more };
}

/** Asks once for a reservation. */
export async function tryReserve(ticket: Ticket, headers: Record<string, string> = {}): Promise<OfTicket> {
  return await rest('POST', '/cinema/reservations', ticket, { headers });
}

/** Reserves as a client should: repeats what is UNAVAILABLE under the same idempotency-key. */
export async function reserve(more: Partial<Ticket> = {}): Promise<OfTicket> {
  const [ticket, key] = [ticketOf(more), unique('key')];
  return await patiently(() => tryReserve(ticket, { 'idempotency-key': key }));
}

export async function cancel(reservationId: string): Promise<OfTicket> {
  return await patiently(() => rest('POST', `/cinema/reservations/${reservationId}:cancel`, {}));
}

/** All reservations of a customer. */
export async function reservationsOf(userId: string): Promise<OfTicket[]> {
  return await listAll('/cinema/reservations', 'reservations', { user_id: userId });
}

/** What each service has of a reservation: its status, or undefined for nothing. */
export interface Statuses {
  readonly reservation: string | undefined;
  readonly payment: string | undefined;
  readonly booking: string | undefined;
  readonly information: string | undefined;
}

export const RESERVED: Statuses = { reservation: 'RESERVED', payment: 'COMPLETED', booking: 'RESERVED', information: 'RESERVED' };
export const CANCELLED: Statuses = { reservation: 'CANCELLED', payment: 'REFUNDED', booking: 'CANCELLED', information: 'REFUNDED' };

/** Reads what the services have of a reservation, of those parts that are asked for. */
async function statusesOf(reservationId: string, parts: readonly (keyof Statuses)[]): Promise<Partial<Statuses>> {
  const only = (entities: readonly OfTicket[]) => {
    expect(entities.length, 'a reservation has one payment and one booking').toBeLessThanOrEqual(1);
    return entities[0]?.status;
  };
  const read: Readonly<Record<keyof Statuses, () => Promise<string | undefined>>> = {
    reservation: async () => (await get<OfTicket>(`/cinema/reservations/${reservationId}`)).status,
    payment: async () => only(await listAll('/cinema/payments', 'payments', { reservation_id: reservationId })),
    booking: async () => only(await listAll('/cinema/bookings', 'bookings', { reservation_id: reservationId })),
    information: async () => (await informationOf(reservationId)).status,
  };
  return Object.fromEntries(await Promise.all(parts.map(async (part) => [part, await read[part]()] as const)));
}

export async function informationOf(reservationId: string): Promise<Information> {
  return await get(`/cinema/informations/${reservationId}`);
}

/** Waits until the services have these statuses of a reservation. */
export async function becomes(reservationId: string, statuses: Partial<Statuses>, limitMs?: number): Promise<void> {
  const parts = Object.keys(statuses) as (keyof Statuses)[];
  const look = async () => expect(await statusesOf(reservationId, parts)).toEqual(statuses);
  await eventually(`${reservationId} has ${JSON.stringify(statuses)}`, look, limitMs);
}

/** Longest time in which events, consumer groups and leases settle after a crash. */
const SETTLED_MS = 60_000;

/** Waits until the databases agree about every reservation: the invariant of `npm run check`. */
export async function ticketsAgree(): Promise<void> {
  await tested.withStores(async (stores) => {
    await eventually('the tickets agree', async () => expect((await invariant.read(stores)).violations).toEqual([]), SETTLED_MS);
  });
}
