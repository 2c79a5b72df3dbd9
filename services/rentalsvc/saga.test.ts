import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventHandler, EventType } from '#kit/events/events.ts';
import { Store } from '#kit/postgres/store.ts';
import type { AnyTable } from '#kit/postgres/table.ts';
import type { Client } from '#kit/rpc/client.ts';
import { RpcError } from '#kit/rpc/errors.ts';
import { callContext } from '#kit/testing/call-context.ts';
import { MemoryDatabase } from '#kit/testing/memory-database.ts';
import type { InventoryServiceService } from '#proto/rentalsvc/inventory/v1/inventory.ts';
import { statusesOf } from '../../dev/checks/agreement.ts';
import { billHandlers } from './billing/handlers.ts';
import { billTable } from './billing/store.ts';
import { differences, type RentalOrder, type RentalsSnapshot, type Stock } from './dev/rentals.ts';
import { inventoryHandlers } from './inventory/handlers.ts';
import { inventoryService } from './inventory/service.ts';
import { allocationTable, productTable } from './inventory/store.ts';
import { deliveryHandlers } from './logistics/handlers.ts';
import { deliveryTable } from './logistics/store.ts';
import { orderHandlers } from './order/handlers.ts';
import { requesting } from './order/request.ts';
import { orderService } from './order/service.ts';
import { orderTable } from './order/store.ts';
import { totalViews } from './totalview/totalviews.ts';

type OfOrder = Pick<RentalOrder, 'orderId' | 'status'>;

const STOCK = 10;
const PRODUCT = { productId: '1', productName: 'IPAD', qty: STOCK };

interface Rented {
  readonly qty: number;
  readonly isCancelled: boolean;
}

interface Scenario {
  readonly rentals: readonly Rented[];
  /** Decides which of the things that can happen happens next, and whether it happens twice. */
  readonly choices: readonly number[];
}

/** An event that was published. */
interface Published {
  readonly type: string;
  readonly value: Uint8Array;
}

/** The services on databases in memory, and what can happen next. */
class Shop {
  readonly #order = new MemoryDatabase([orderTable]);
  readonly #inventory = new MemoryDatabase([productTable, allocationTable]);
  readonly #billing = new MemoryDatabase([billTable]);
  readonly #logistics = new MemoryDatabase([deliveryTable]);
  readonly #orders = new Store(this.#order, orderTable);
  readonly #inventoryService = inventoryService(new Store(this.#inventory, productTable));
  readonly #orderService: ReturnType<typeof orderService>;
  readonly #consumers: readonly (readonly [MemoryDatabase, readonly EventHandler[]])[] = [
    [this.#order, orderHandlers(this.#orders)],
    [this.#inventory, inventoryHandlers(this.#inventory)],
    [this.#billing, billHandlers(new Store(this.#billing, billTable))],
    [this.#logistics, deliveryHandlers(new Store(this.#logistics, deliveryTable))],
  ];
  readonly #relayed = new Map<MemoryDatabase, number>();
  readonly published: Published[] = [];
  /** Things that can happen, in any order. */
  readonly pending: (() => Promise<unknown>)[] = [];

  constructor(rentals: readonly Rented[]) {
    const checkInventory = async ({ productId }: { productId: string }) =>
      await this.#inventoryService.checkInventory({ productId }, callContext());
    // Requesting calls no other method.
    const request = requesting(this.#orders, { checkInventory } as unknown as Client<typeof InventoryServiceService>);
    this.#orderService = orderService(this.#orders, request);
    for (const [index, rented] of rentals.entries()) this.pending.push(() => this.#request(rented, `key-${index}`));
  }

  async open(): Promise<void> {
    await this.#inventoryService.addProduct(PRODUCT, callContext());
  }

  async #request({ qty, isCancelled }: Rented, idempotencyKey: string): Promise<void> {
    const rental = { userId: 'anna', productId: '1', qty, amount: 10 };
    const { order } = await this.#orderService.requestRental(rental, callContext({ idempotencyKey, actingUser: 'anna' }));
    if (isCancelled && order !== undefined) this.pending.push(() => this.#cancel(order.orderId));
  }

  /** Cancels. After a shortage the call is refused. */
  async #cancel(orderId: string): Promise<void> {
    try {
      await this.#orderService.cancelRental({ orderId }, callContext());
    } catch (error) {
      if (!(error instanceof RpcError && error.reason === 'NOT_CANCELLABLE')) throw error;
    }
  }

  /** Makes deliveries of what was committed. */
  collect(): void {
    for (const [database] of this.#consumers) {
      const from = this.#relayed.get(database) ?? 0;
      this.#relayed.set(database, database.events.length);
      for (const { type, value } of database.events.slice(from)) {
        this.published.push({ type, value });
        for (const [consumer, handlers] of this.#consumers) {
          if (!handlers.some((each) => each.type === type)) continue;
          // The handler decodes the bytes.
          const raw = { $type: type, decode: () => value, encode: () => ({ finish: () => value }) } as unknown as EventType<Uint8Array>;
          this.pending.push(() => consumer.deliver(handlers, raw, value));
        }
      }
    }
  }

  async snapshot(): Promise<RentalsSnapshot> {
    const orders = await rows<RentalOrder>(this.#order, orderTable);
    const statuses = (all: readonly OfOrder[]) => statusesOf(all.map(({ orderId, status }) => ({ id: orderId, status })));
    return {
      orders,
      products: await rows<Stock>(this.#inventory, productTable),
      statuses: {
        order: statuses(orders),
        billing: statuses(await rows<OfOrder>(this.#billing, billTable)),
        logistics: statuses(await rows<OfOrder>(this.#logistics, deliveryTable)),
        totalview: new Map(orders.map(({ orderId }) => [orderId, this.eventsOf(orderId).at(-1) ?? '-'])),
      },
      waiting: {},
    };
  }

  /** Returns the names of an order's events, causes before effects. Fails if one was published twice. */
  eventsOf(orderId: string): string[] {
    const types = totalViews.events.map(({ type }) => type);
    const counts = types.map((type) => {
      const decoded = this.published.filter((each) => each.type === type.$type).map(({ value }) => type.decode(value));
      // All events of the view have an order id.
      return decoded.filter((event) => (event as OfOrder).orderId === orderId).length;
    });
    expect(Math.max(...counts)).toBe(1);
    return types.filter((_, index) => counts[index] === 1).map(({ $type }) => $type.slice($type.lastIndexOf('.') + 1));
  }
}

async function rows<R>(database: MemoryDatabase, table: AnyTable): Promise<R[]> {
  const page = await database.page(table, { filters: {}, after: undefined, limit: 100 });
  // The caller names what the table has.
  return page.rows as unknown as R[];
}

/** Lets everything happen in the order of the choices. Each thing may happen twice, as a delivery or a repeated call may. */
async function play({ rentals, choices }: Scenario): Promise<Shop> {
  const shop = new Shop(rentals);
  await shop.open();
  for (let step = 0; shop.pending.length > 0; step++) {
    const choice = choices[step % choices.length] ?? 0;
    const [next] = shop.pending.splice(choice % shop.pending.length, 1);
    await next?.();
    if (choice % 7 === 0) await next?.();
    shop.collect();
    if (step > 500) throw new Error('the saga does not end');
  }
  return shop;
}

const scenarios: fc.Arbitrary<Scenario> = fc.record({
  rentals: fc.array(fc.record({ qty: fc.integer({ min: 1, max: STOCK + 1 }), isCancelled: fc.boolean() }), { minLength: 1, maxLength: 3 }),
  choices: fc.array(fc.nat(), { minLength: 20, maxLength: 60 }),
});

const REQUESTED = ['RentalRequested', 'FeeReceived', 'DeliveryStarted'];

describe('in every order of events and commands', () => {
  it('stock, bills and deliveries agree with the orders, and each event happens once per order', async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(scenarios, async (scenario) => {
        const shop = await play(scenario);
        const snapshot = await shop.snapshot();
        expect(differences(snapshot)).toEqual([]);
        for (const { orderId, status } of snapshot.orders) {
          seen.add(status);
          const events = shop.eventsOf(orderId);
          expect(events).toEqual(
            expect.arrayContaining(status === 'CONFIRMED' ? REQUESTED : [...REQUESTED, 'FeeRefunded', 'RetrievalStarted']),
          );
          expect(events.includes('RentalCancelled')).toBe(status === 'CANCELLED');
        }
      }),
      { numRuns: 300 },
    );
    expect([...seen].toSorted()).toEqual(['CANCELLED', 'CONFIRMED', 'SHORT']);
  });

  it('the last units can be rented, and one more cannot', async () => {
    const statusOf = async (qty: number) =>
      (await (await play({ rentals: [{ qty, isCancelled: false }], choices: [1] })).snapshot()).orders[0]?.status;
    expect(await statusOf(STOCK)).toBe('CONFIRMED');
    expect(await statusOf(STOCK + 1)).toBe('SHORT');
  });
});
