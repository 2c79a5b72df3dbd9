import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventHandler, EventType } from '#kit/events/events.ts';
import { EffectReview } from '#kit/guarded-call/review.ts';
import { Store } from '#kit/postgres/store.ts';
import type { AnyTable } from '#kit/postgres/table.ts';
import type { Client } from '#kit/rpc/client.ts';
import { RpcError, unavailable } from '#kit/rpc/errors.ts';
import { callContext } from '#kit/testing/call-context.ts';
import { MemoryDatabase } from '#kit/testing/memory-database.ts';
import { Mypage_Status } from '#proto/starcoffee/mypage/v1/mypage.ts';
import { PaymentsUnconfirmed } from '#proto/starcoffee/payment/v1/events.ts';
import type { PaymentServiceService } from '#proto/starcoffee/payment/v1/payment.ts';
import { disagreements, type StatusSnapshot, statusesOf } from '../../dev/checks/agreement.ts';
import { orders } from './dev/invariant.ts';
import { makeHandlers, makeJobs } from './make/handlers.ts';
import { makeTable } from './make/store.ts';
import { mypages } from './mypage/mypages.ts';
import { orderHandlers } from './order/handlers.ts';
import { placing } from './order/place.ts';
import { orderService } from './order/service.ts';
import { orderTable } from './order/store.ts';
import { approvalsOf } from './payment/approvals.ts';
import { paymentHandlers } from './payment/handlers.ts';
import { paymentService } from './payment/service.ts';
import { paymentTable } from './payment/store.ts';

/** What becomes of the answer of ApprovePayment: it arrives, is lost, or its caller has died. */
type Answer = 'arrives' | 'lost' | 'callerDead';

interface Scenario {
  readonly answer: Answer;
  /** Whether other things happen between the approval and the caller's own commit. */
  readonly isSlow: boolean;
  readonly commands: readonly ('cancel' | 'refund')[];
  /** Decides which of the things that can happen happens next, and whether it happens twice. */
  readonly choices: readonly number[];
}

const ORDER = { userId: 'anna', menuId: 'americano', price: 4500 };
const LIMIT = 1_000_000;

/** The three services on databases in memory, and what can happen next. */
class Shop {
  readonly #order = new MemoryDatabase([orderTable]);
  readonly #payment = new MemoryDatabase([paymentTable]);
  readonly #make = new MemoryDatabase([makeTable]);
  readonly #payments = new Store(this.#payment, paymentTable);
  readonly #makes = new Store(this.#make, makeTable);
  readonly #approvals = approvalsOf(this.#payments, LIMIT);
  readonly #paymentService = paymentService(this.#payments, this.#approvals, LIMIT);
  readonly #orders = new Store(this.#order, orderTable);
  readonly #consumers: readonly (readonly [MemoryDatabase, readonly EventHandler[]])[];
  readonly #orderHandlers: readonly EventHandler[];
  readonly #orderService: ReturnType<typeof orderService>;
  readonly #relayed = new Map<MemoryDatabase, number>();
  readonly #events: string[] = [];
  /** Things that can happen, in any order. */
  readonly pending: (() => Promise<unknown>)[] = [];

  constructor({ answer, isSlow, commands }: Scenario) {
    const approve = async (request: Parameters<typeof this.approve>[0]) => {
      const response = await this.approve(request);
      if (isSlow) await new Promise<void>((resolve) => this.pending.push(async () => resolve()));
      if (answer === 'arrives') return response;
      throw unavailable('LOST', 'the answer was lost');
    };
    // Placing calls no other method.
    const place = placing(this.#orders, { approvePayment: approve } as unknown as Client<typeof PaymentServiceService>);
    this.#orderService = orderService(this.#orders, place);
    const review = new EffectReview({
      database: this.#payment,
      leaseSeconds: 30,
      event: PaymentsUnconfirmed,
      content: () => ({ orderIds: [] }),
    });
    this.#orderHandlers = orderHandlers(this.#orders, place);
    this.#consumers = [
      [this.#order, this.#orderHandlers],
      [this.#payment, paymentHandlers(this.#approvals, review)],
      [this.#make, makeHandlers(this.#makes, 3000)],
    ];
    if (answer === 'callerDead') this.pending.push(() => this.#die());
    else this.pending.push(() => this.#start());
    for (const command of commands) this.pending.push(() => this.#command(command));
  }

  async approve(request: typeof ORDER & { readonly orderId: string }) {
    return await this.#paymentService.approvePayment(request, callContext());
  }

  /** Begins to place the order. It ends when the scenario lets the answer arrive. */
  async #start(): Promise<void> {
    const placed = this.#orderService.placeOrder(ORDER, callContext({ idempotencyKey: 'key', actingUser: 'anna' }));
    const ended = Promise.resolve(placed).catch((error) => {
      if (!(error instanceof RpcError)) throw error;
    });
    await Promise.race([ended, this.#whenPending()]);
  }

  async #whenPending(): Promise<void> {
    const before = this.pending.length;
    while (this.pending.length === before) await new Promise((resolve) => setImmediate(resolve));
  }

  /** The caller dies after the approval; payment asks about it at some time. */
  async #die(): Promise<void> {
    const orderId = this.#orders.idFrom('anna', 'key', '1');
    await this.approve({ ...ORDER, orderId });
    this.pending.push(() => this.#order.deliver(this.#orderHandlers, PaymentsUnconfirmed, { orderIds: [orderId] }));
  }

  /** A command of a customer or of the staff. Too early or too late, it is refused. */
  async #command(command: 'cancel' | 'refund'): Promise<void> {
    const orderId = this.#orders.idFrom('anna', 'key', '1');
    try {
      if (command === 'cancel') await this.#orderService.cancelOrder({ orderId }, callContext());
      else await this.#paymentService.cancelPayment({ paymentId: this.#payments.idFrom(orderId) }, callContext());
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
    }
  }

  /** Makes deliveries and jobs of what was committed. */
  collect(): void {
    for (const [database] of this.#consumers) {
      const from = this.#relayed.get(database) ?? 0;
      this.#relayed.set(database, database.events.length);
      for (const { type, value } of database.events.slice(from)) {
        this.#events.push(type);
        for (const [consumer, handlers] of this.#consumers) {
          const handler = handlers.find((each) => each.type === type);
          if (handler === undefined) continue;
          const raw = { $type: type, decode: () => value, encode: () => ({ finish: () => value }) } as unknown as EventType<Uint8Array>;
          this.pending.push(() => consumer.deliver(handlers, raw, value));
        }
      }
    }
    if (this.#make.jobs.length > 0) this.pending.push(() => this.#make.runJobs(makeJobs(this.#makes)));
  }

  async snapshot(): Promise<StatusSnapshot> {
    const [order, payment, make] = await Promise.all([
      entities(this.#order, orderTable),
      entities(this.#payment, paymentTable),
      entities(this.#make, makeTable),
    ]);
    const ranks = this.#events.map((event) => mypages.events.find(({ type }) => type.$type === event)?.status ?? 0);
    const rank = Math.max(0, ...ranks);
    const status = Object.entries(Mypage_Status).find(([, number]) => number === rank)?.[0] ?? '-';
    const mypage = new Map(rank === 0 ? [] : [...payment.keys()].map((id) => [id, status]));
    return { statuses: { order, payment, make, mypage }, waiting: {} };
  }
}

async function entities(database: MemoryDatabase, table: AnyTable): Promise<Map<string, string>> {
  const { rows } = await database.page(table, { filters: {}, after: undefined, limit: 10 });
  // Each table has these columns.
  const found = rows as unknown as { orderId: string; status: string }[];
  return statusesOf(found.map(({ orderId, status }) => ({ id: orderId, status })));
}

/** Lets everything happen in the order of the choices. Each thing may happen twice, as a delivery may. */
async function play(scenario: Scenario): Promise<StatusSnapshot> {
  const shop = new Shop(scenario);
  for (let step = 0; shop.pending.length > 0; step++) {
    const choice = scenario.choices[step % scenario.choices.length] ?? 0;
    const [next] = shop.pending.splice(choice % shop.pending.length, 1);
    await next?.();
    // What awaited the answer of the call goes on.
    await new Promise((resolve) => setImmediate(resolve));
    if (choice % 7 === 0) await next?.();
    shop.collect();
    if (step > 500) throw new Error('the saga does not end');
  }
  return await shop.snapshot();
}

const scenarios: fc.Arbitrary<Scenario> = fc.record({
  answer: fc.constantFrom<Answer>('arrives', 'lost', 'callerDead'),
  isSlow: fc.boolean(),
  commands: fc.subarray<'cancel' | 'refund'>(['cancel', 'refund']),
  choices: fc.array(fc.nat(), { minLength: 20, maxLength: 60 }),
});

describe('in every order of events and commands', () => {
  it('nobody pays for a coffee that is not made, and all services agree', async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(scenarios, async (scenario) => {
        const snapshot = await play(scenario);
        expect(disagreements(orders, snapshot)).toEqual([]);
        for (const status of snapshot.statuses.order?.values() ?? []) seen.add(status);
      }),
      { numRuns: 800 },
    );
    expect([...seen].toSorted()).toEqual(['CANCELLED', 'COMPLETED', 'REJECTED']);
  });
});
