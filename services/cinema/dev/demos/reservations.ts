import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DemoWork, type MeshMethod, successes } from '../../../../dev/demos/blocks/work.ts';
import type { DemoEnvironment, Finding } from '../../../../dev/demos/demo.ts';
import type { EdgeClient } from '../../../../dev/demos/edge-client.ts';

/** The guarded call: reservation asks payment to complete a payment. */
export const COMPLETE_PAYMENT: MeshMethod = {
  host: 'payment.cinema.svc.cluster.local',
  method: 'cinema.payment.v1.PaymentService/CompletePayment',
};
export const RESERVATION_HOST = 'reservation.cinema.svc.cluster.local';

/** Limit of the time in which events that are under way arrive, in milliseconds. */
const EVENT_LIMIT_MS = 10_000;
const POLL_MS = 100;
/** Largest page of a list. */
const PAGE_SIZE = '100';

/** Reservations of one film, which no other run shows. */
export interface Reservations extends DemoWork {
  /** Counts the bookings of the film. Rejects while cinema is away. */
  readonly countBookings: () => Promise<number>;
}

/** Returns reservations of a film for the users of one run. */
export async function startReservations({ edge }: DemoEnvironment): Promise<Reservations> {
  const cinemaNo = `demo-${randomUUID()}`;
  const ticket = { userId: 'demo', cinemaNo, time: '2021-02-18_10:00~13:00', price: 12_000 };
  return {
    next: () => ({ path: '/cinema/reservations', body: ticket }),
    countBookings: () => countReserved(edge, 'bookings', cinemaNo),
    check: async (record) => [await bookingFinding(edge, cinemaNo, successes(record.answers))],
  };
}

/** Compares the answers with the stored reservations and bookings, as soon as the events have arrived. */
async function bookingFinding(edge: EdgeClient, cinemaNo: string, made: number): Promise<Finding> {
  const read = async () => ({
    reserved: await countReserved(edge, 'reservations', cinemaNo),
    booked: await countReserved(edge, 'bookings', cinemaNo),
  });
  const agrees = ({ reserved, booked }: { reserved: number; booked: number }) => reserved === made && booked === made;
  let found = await read();
  for (const limit = performance.now() + EVENT_LIMIT_MS; performance.now() < limit && !agrees(found); found = await read()) {
    await sleep(POLL_MS);
  }
  return {
    held: agrees(found),
    promise: 'each reservation is paid and booked once, and nothing else is',
    seen: `${made} made, ${found.reserved} RESERVED, ${found.booked} booked`,
  };
}

/** Counts the RESERVED entities of a film. */
async function countReserved(edge: EdgeClient, list: 'reservations' | 'bookings', cinemaNo: string): Promise<number> {
  let count = 0;
  let pageToken = '';
  do {
    const query = new URLSearchParams({ cinemaNo, status: 'RESERVED', pageSize: PAGE_SIZE, pageToken });
    const page = await edge.ask<Readonly<Record<typeof list, unknown[]>> & { nextPageToken: string }>(`/cinema/${list}?${query}`);
    count += page[list].length;
    pageToken = page.nextPageToken;
  } while (pageToken !== '');
  return count;
}
