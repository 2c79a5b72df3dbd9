import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Store } from '#kit/postgres/store.ts';
import { callContext } from '#kit/testing/call-context.ts';
import { MemoryDatabase } from '#kit/testing/memory-database.ts';
import { CoffeeCancelled, CoffeeMade, CoffeeStarted } from '#proto/starcoffee/make/v1/events.ts';
import { ListMakesRequest, Make_Status } from '#proto/starcoffee/make/v1/make.ts';
import { OrderCancelRequested } from '#proto/starcoffee/order/v1/events.ts';
import { PaymentApproved, PaymentCancelled } from '#proto/starcoffee/payment/v1/events.ts';
import { makeHandlers, makeJobs } from './handlers.ts';
import { makeService } from './service.ts';
import { makeTable } from './store.ts';

function setUp() {
  const database = new MemoryDatabase([makeTable]);
  const makes = new Store(database, makeTable);
  const handlers = makeHandlers(makes, 3000);
  const service = makeService(makes);
  const order = { orderId: randomUUID(), userId: 'anna', menuId: 'americano', price: 4500 };
  const events = {
    paid: () => database.deliver(handlers, PaymentApproved, PaymentApproved.fromPartial(order)),
    cancelRequested: () => database.deliver(handlers, OrderCancelRequested, OrderCancelRequested.fromPartial(order)),
    refunded: () => database.deliver(handlers, PaymentCancelled, PaymentCancelled.fromPartial(order)),
    finished: () => database.runJobs(makeJobs(makes)),
  };
  const all = async () => (await service.listMakes(ListMakesRequest.fromPartial({ orderId: order.orderId }), callContext())).makes;
  return { database, service, order, events, all };
}

describe('a paid order', () => {
  it('has one coffee, which is made when its time is over', async () => {
    const { database, service, order, events, all } = setUp();
    for (let deliveries = 0; deliveries < 2; deliveries++) await events.paid();
    expect(database.jobs).toMatchObject([{ name: 'finish', delayMs: 3000 }]);
    const [making] = await all();
    expect(making).toMatchObject({ ...order, status: Make_Status.MAKING });
    await events.finished();
    expect((await service.getMake({ makeId: making?.makeId ?? '' }, callContext())).make).toMatchObject({ status: Make_Status.MADE });
    expect(database.eventsOf(CoffeeStarted)).toMatchObject([{ ...order, version: 1 }]);
    expect(database.eventsOf(CoffeeMade)).toMatchObject([{ ...order, version: 2 }]);
  });
});

describe.each(['cancelRequested', 'refunded'] as const)('%s', (cancellation) => {
  it('stops a coffee that is not made, once', async () => {
    const { database, events, all } = setUp();
    await events.paid();
    for (let deliveries = 0; deliveries < 2; deliveries++) await events[cancellation]();
    await events.finished();
    expect(await all()).toMatchObject([{ status: Make_Status.CANCELLED }]);
    expect(database.eventsOf(CoffeeCancelled)).toHaveLength(1);
    expect(database.eventsOf(CoffeeMade)).toEqual([]);
  });

  it('comes too late for a coffee that is made', async () => {
    const { database, events, all } = setUp();
    await events.paid();
    await events.finished();
    await events[cancellation]();
    expect(await all()).toMatchObject([{ status: Make_Status.MADE }]);
    expect(database.eventsOf(CoffeeCancelled)).toEqual([]);
  });

  it('before the payment means that the coffee is never begun', async () => {
    const { database, order, events, all } = setUp();
    await events[cancellation]();
    await events.paid();
    expect(database.jobs).toEqual([]);
    expect(await all()).toMatchObject([{ ...order, status: Make_Status.CANCELLED }]);
    expect(database.eventsOf(CoffeeStarted)).toEqual([]);
  });
});
