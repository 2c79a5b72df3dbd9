import { Mypage_Status } from '#proto/starcoffee/mypage/v1/mypage.ts';
import { readPostgres, readProjection } from '../../../dev/checks/databases.ts';
import type { Stores } from '../../../dev/systems/stores.ts';

/** An entity of one order. */
export interface OfOrder {
  readonly orderId: string;
  readonly status: string;
}

/** What the databases of Starcoffee say, each read at one moment. */
export interface OrdersSnapshot {
  /** The oldest first. */
  readonly orders: readonly OfOrder[];
  readonly payments: readonly OfOrder[];
  readonly makes: readonly OfOrder[];
  /** Statuses of mypage by order id. */
  readonly shown: ReadonlyMap<string, string>;
  /** Transactions whose events are not sent yet, by service. */
  readonly waiting: Readonly<Record<string, number>>;
}

/** One order with what the other services have of it; `-` for nothing. */
export interface OrderLine {
  readonly orderId: string;
  readonly order: string;
  readonly payment: string;
  readonly make: string;
  readonly shown: string;
}

const STATUS_NAMES: ReadonlyMap<number, string> = new Map(Object.entries(Mypage_Status).map(([name, number]) => [number, name]));

/** Statuses that agree once no event is under way: per status of the order, of its payment, its make, and its view. */
const AGREEING: Readonly<Record<string, Readonly<Record<'payment' | 'make' | 'shown', readonly string[]>>>> = {
  // A payment can also be refunded after the coffee is made.
  COMPLETED: { payment: ['APPROVED', 'CANCELLED'], make: ['MADE'], shown: ['MADE', 'REFUNDED'] },
  CANCELLED: { payment: ['CANCELLED'], make: ['CANCELLED'], shown: ['REFUNDED'] },
  // The payment may never have been approved, and a coffee may have been made before the refund.
  REJECTED: { payment: ['CANCELLED', '-'], make: ['CANCELLED', 'MADE', '-'], shown: ['REFUNDED', '-'] },
};

/** Returns every order that a service knows, with what each service has of it. */
export function orderLines({ orders, payments, makes, shown }: OrdersSnapshot): OrderLine[] {
  const [byOrder, byPayment, byMake] = [orders, payments, makes].map((all) => new Map(all.map(({ orderId, status }) => [orderId, status])));
  const ids = new Set([...orders, ...payments, ...makes].map(({ orderId }) => orderId));
  return [...ids].map((orderId) => ({
    orderId,
    order: byOrder?.get(orderId) ?? '-',
    payment: byPayment?.get(orderId) ?? '-',
    make: byMake?.get(orderId) ?? '-',
    shown: shown.get(orderId) ?? '-',
  }));
}

/**
 * Returns what does not agree, one sentence each; empty if the invariant holds: every APPROVED payment has an order that is neither
 * CANCELLED nor REJECTED, every COMPLETED order has one MADE make, every CANCELLED order has a CANCELLED payment, and no order waits.
 */
export function differences(snapshot: OrdersSnapshot): string[] {
  const found = orderLines(snapshot).flatMap((line) => {
    const expected = AGREEING[line.order];
    if (expected === undefined) return [`order ${line.orderId} is ${line.order}: ${describe(line)}`];
    const agrees = (['payment', 'make', 'shown'] as const).every((part) => expected[part].includes(line[part]));
    return agrees ? [] : [`order ${line.orderId} is ${line.order}, but ${describe(line)}`];
  });
  const waiting = Object.entries(snapshot.waiting).filter(([, count]) => count > 0);
  return [...found, ...waiting.map(([service, count]) => `events of ${count} transactions of ${service} are not sent yet`)];
}

function describe({ payment, make, shown }: OrderLine): string {
  return `payment ${payment}, make ${make}, mypage ${shown}`;
}

/** Reads the databases of Starcoffee. Each is read at one moment; the moments differ, so a difference counts only if it stays. */
export async function readOrders(stores: Stores): Promise<OrdersSnapshot> {
  const read = (service: string, table: string) =>
    readPostgres(stores, `starcoffee_${service}`, async (reader) => ({
      entities: await reader.rows<OfOrder>(`SELECT order_id AS "orderId", status FROM ${table} ORDER BY create_time`),
      waiting: await reader.unsent(),
    }));
  const [order, payment, make, views] = await Promise.all([
    read('order', 'orders'),
    read('payment', 'payments'),
    read('make', 'makes'),
    readProjection(stores, 'starcoffee_mypage', 'mypages'),
  ]);
  return {
    orders: order.entities,
    payments: payment.entities,
    makes: make.entities,
    shown: new Map([...views].map(([id, status]) => [id, STATUS_NAMES.get(status) ?? String(status)])),
    waiting: { order: order.waiting, payment: payment.waiting, make: make.waiting },
  };
}
