import { differences, type StockSnapshot } from '../../services/rentcar/dev/stock.ts';
import { each, eventually } from '../support/eventually.ts';
import type { Mypage, Rental, Reservation } from '../support/rentcar.ts';
import { listAll, rest } from '../support/rest.ts';
import type { Findings } from './findings.ts';
import { acknowledgedStatus, type Order } from './orders.ts';
import type { Watch } from './watches.ts';

/** What a stored status of a reservation demands of the rental and of the view; REJECTED leaves neither. */
const FOLLOWERS: Readonly<Record<string, { readonly rental: string; readonly view: string }>> = {
  RESERVED: { rental: 'ALLOCATED', view: 'ALLOCATED' },
  CANCELLED: { rental: 'CANCELLED', view: 'CANCELLED' },
  COMPLETED: { rental: 'COMPLETED', view: 'COMPLETED' },
};

const CONCURRENCY = 4;

/** Everything that the services store for the users of a round, as the API lists it. */
interface Stored {
  readonly reservations: readonly Reservation[];
  readonly rentals: readonly Rental[];
  readonly views: readonly Mypage[];
}

/** Holds all stores against each other and against every acknowledged answer. To be called when nothing is under way. */
export async function verify(users: readonly string[], orders: readonly Order[], stock: StockSnapshot, findings: Findings): Promise<void> {
  for (const difference of differences(stock)) findings.violation(difference);
  const stored = await each(users, CONCURRENCY, storedFor);
  const reservations = stored.flatMap((each) => each.reservations);
  const rentals = Map.groupBy(
    stored.flatMap((each) => each.rentals),
    ({ reservationId }) => reservationId,
  );
  const views = Map.groupBy(
    stored.flatMap((each) => each.views),
    ({ reservationId }) => reservationId,
  );
  const held = new Set(stock.holds.map(({ reservationId }) => reservationId));
  for (const reservation of reservations) {
    const { reservationId } = reservation;
    const followers = { rentals: rentals.get(reservationId) ?? [], views: views.get(reservationId) ?? [], held: held.has(reservationId) };
    for (const wrong of inconsistencies(reservation, followers)) findings.violation(wrong);
  }
  const ids = new Set(reservations.map(({ reservationId }) => reservationId));
  for (const id of rentals.keys()) if (!ids.has(id)) findings.violation(`there is a rental of ${id}, which is no reservation`);
  for (const id of views.keys()) if (!ids.has(id)) findings.violation(`there is a view of ${id}, which is no reservation`);
  verifyOrders(orders, reservations, findings);
  findings.count('verified', reservations.length);
}

async function storedFor(userId: string): Promise<Stored> {
  const query = { user_id: userId };
  return {
    reservations: await listAll<Reservation>('/rentcar/reservations', 'reservations', query),
    rentals: await listAll<Rental>('/rentcar/rentals', 'rentals', query),
    views: await listAll<Mypage>('/rentcar/mypages', 'mypages', query),
  };
}

interface Followers {
  readonly rentals: readonly Rental[];
  readonly views: readonly Mypage[];
  readonly held: boolean;
}

/** What disagrees with the stored status of a reservation, one sentence each. */
export function inconsistencies({ reservationId, status }: Reservation, { rentals, views, held }: Followers): string[] {
  const found: string[] = [];
  const expected = FOLLOWERS[status];
  const shown = JSON.stringify({ rentals: rentals.map((rental) => rental.status), views: views.map((view) => view.status) });
  const rentalsFit = rentals.length === (expected ? 1 : 0) && rentals.every((rental) => rental.status === expected?.rental);
  const viewsFit = views.length === (expected ? 1 : 0) && views.every((view) => view.status === expected?.view);
  if (!rentalsFit || !viewsFit) found.push(`reservation ${reservationId} is ${status}, but its followers are ${shown}`);
  if (held !== (status === 'RESERVED'))
    found.push(`reservation ${reservationId} is ${status}, but stock is ${held ? '' : 'not '}held for it`);
  return found;
}

/** Holds the stored reservations against what users were told. */
export function verifyOrders(orders: readonly Order[], reservations: readonly Reservation[], findings: Findings): void {
  const byOrder = Map.groupBy(reservations, ({ userName }) => userName);
  for (const order of orders) {
    const stored = byOrder.get(order.id) ?? [];
    byOrder.delete(order.id);
    const valid = stored.filter(({ status }) => status !== 'REJECTED');
    const shown = JSON.stringify(stored.map(({ reservationId, status }) => ({ reservationId, status })));
    const told = `${order.id} (key ${order.key ?? 'none'})`;
    if (valid.length > 1) findings.violation(`${told} has made ${valid.length} reservations: ${shown}`);
    if (order.outcome === 'refused' && valid.length > 0) findings.violation(`${told} was refused, but there is ${shown}`);
    if (order.outcome === 'reserved' && (valid[0]?.reservationId !== order.reservationId || valid[0]?.status !== acknowledgedStatus(order)))
      findings.violation(`${told} was told ${order.reservationId} ${acknowledgedStatus(order)}, but there is ${shown}`);
  }
  for (const [id, strangers] of byOrder) findings.violation(`nobody has asked for ${strangers.length} reservations of ${id}`);
}

/** Holds each watch against the view: it must have told the state that the view is in. */
export async function verifyWatches(watches: readonly Watch[], findings: Findings): Promise<void> {
  await each(watches, CONCURRENCY, async (watch) => {
    const { reservationId, protocol } = watch;
    const view = await rest<Mypage>('GET', `/rentcar/mypages/${reservationId}`);
    try {
      await eventually(`the watch of ${reservationId} has told the end`, () => {
        if (watch.last?.status !== view.status) throw new Error(`told ${JSON.stringify(watch.last)}, the view is ${view.status}`);
      });
    } catch (error) {
      findings.violation(`a ${protocol} watch did not tell the end: ${String(error)}`);
    }
  });
}
