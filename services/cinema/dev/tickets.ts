import { Information_Status } from '#proto/cinema/information/v1/information.ts';
import { readPostgres, readProjection } from '../../../dev/checks/databases.ts';
import type { Stores } from '../../../dev/systems/stores.ts';

/** An entity of one reservation. */
export interface OfReservation {
  readonly reservationId: string;
  readonly status: string;
}

/** What the databases of Happy Cinema say, each read at one moment. */
export interface TicketsSnapshot {
  /** The oldest first. */
  readonly reservations: readonly OfReservation[];
  readonly payments: readonly OfReservation[];
  readonly bookings: readonly OfReservation[];
  /** Statuses of information by reservation id. */
  readonly shown: ReadonlyMap<string, string>;
  /** Transactions whose events are not sent yet, by service. */
  readonly waiting: Readonly<Record<string, number>>;
}

/** One reservation with what the other services have of it; `-` for nothing. */
export interface TicketLine {
  readonly reservationId: string;
  readonly reservation: string;
  readonly payment: string;
  readonly booking: string;
  readonly shown: string;
}

const STATUS_NAMES: ReadonlyMap<number, string> = new Map(Object.entries(Information_Status).map(([name, number]) => [number, name]));

const PARTS = ['payment', 'booking', 'shown'] as const;

/** Statuses that agree once no event is under way: per status of the reservation, of its payment, its booking, and its view. */
const AGREEING: Readonly<Record<string, Readonly<Record<(typeof PARTS)[number], readonly string[]>>>> = {
  RESERVED: { payment: ['COMPLETED'], booking: ['RESERVED'], shown: ['RESERVED'] },
  CANCELLED: { payment: ['REFUNDED'], booking: ['CANCELLED'], shown: ['REFUNDED'] },
  // The payment may never have been completed.
  REJECTED: { payment: ['REFUNDED', '-'], booking: ['CANCELLED', '-'], shown: ['REFUNDED', '-'] },
};

/** Returns every reservation that a service knows, with what each service has of it. */
export function ticketLines({ reservations, payments, bookings, shown }: TicketsSnapshot): TicketLine[] {
  const [byReservation, byPayment, byBooking] = [reservations, payments, bookings].map(
    (all) => new Map(all.map(({ reservationId, status }) => [reservationId, status])),
  );
  const ids = new Set([...reservations, ...payments, ...bookings].map(({ reservationId }) => reservationId));
  return [...ids].map((reservationId) => ({
    reservationId,
    reservation: byReservation?.get(reservationId) ?? '-',
    payment: byPayment?.get(reservationId) ?? '-',
    booking: byBooking?.get(reservationId) ?? '-',
    shown: shown.get(reservationId) ?? '-',
  }));
}

/**
 * Returns what does not agree, one sentence each; empty if the invariant holds: a RESERVED booking has a COMPLETED payment and a
 * RESERVED reservation, a CANCELLED reservation has a REFUNDED payment and a CANCELLED booking, no reservation waits, and no
 * payment is without a reservation.
 */
export function differences(snapshot: TicketsSnapshot): string[] {
  const found = ticketLines(snapshot).flatMap((line) => {
    const expected = AGREEING[line.reservation];
    const agrees = expected !== undefined && PARTS.every((part) => expected[part].includes(line[part]));
    return agrees ? [] : [`reservation ${line.reservationId} is ${line.reservation}: ${describe(line)}`];
  });
  const waiting = Object.entries(snapshot.waiting).filter(([, count]) => count > 0);
  return [...found, ...waiting.map(([service, count]) => `events of ${count} transactions of ${service} are not sent yet`)];
}

function describe({ payment, booking, shown }: TicketLine): string {
  return `payment ${payment}, booking ${booking}, information ${shown}`;
}

/** Reads the databases of Happy Cinema. Each is read at one moment; the moments differ, so a difference counts only if it stays. */
export async function readTickets(stores: Stores): Promise<TicketsSnapshot> {
  const read = (service: string, table: string) =>
    readPostgres(stores, `cinema_${service}`, async (reader) => ({
      entities: await reader.rows<OfReservation>(`SELECT reservation_id AS "reservationId", status FROM ${table} ORDER BY create_time`),
      waiting: await reader.unsent(),
    }));
  const [reservation, payment, booking, views] = await Promise.all([
    read('reservation', 'reservations'),
    read('payment', 'payments'),
    read('cinema', 'bookings'),
    readProjection(stores, 'cinema_information', 'informations'),
  ]);
  return {
    reservations: reservation.entities,
    payments: payment.entities,
    bookings: booking.entities,
    shown: new Map([...views].map(([id, status]) => [id, STATUS_NAMES.get(status) ?? String(status)])),
    waiting: { reservation: reservation.waiting, payment: payment.waiting, cinema: booking.waiting },
  };
}
