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
import { Information_Status } from '#proto/cinema/information/v1/information.ts';
import { PaymentsUnconfirmed } from '#proto/cinema/payment/v1/events.ts';
import type { PaymentServiceService } from '#proto/cinema/payment/v1/payment.ts';
import { disagreements, type StatusSnapshot, statusesOf } from '../../dev/checks/agreement.ts';
import { cinemaHandlers } from './cinema/handlers.ts';
import { bookingTable } from './cinema/store.ts';
import { tickets } from './dev/invariant.ts';
import { informations } from './information/informations.ts';
import type { PaidTicket } from './payment/domain.ts';
import { paymentEffects } from './payment/effects.ts';
import { paymentHandlers } from './payment/handlers.ts';
import { paymentService } from './payment/service.ts';
import { paymentTable } from './payment/store.ts';
import { reservationHandlers } from './reservation/handlers.ts';
import { reserving } from './reservation/reserve.ts';
import { reservationService } from './reservation/service.ts';
import { reservationTable } from './reservation/store.ts';

interface Scenario {
  /** What becomes of the answer of CompletePayment: it arrives, is lost, or its caller has died. */
  readonly answer: 'arrives' | 'lost' | 'callerDead';
  /** Whether other things happen between the payment and the caller's own commit. */
  readonly isSlow: boolean;
  readonly isCancelled: boolean;
  /** Decides which of the things that can happen happens next, and whether it happens twice. */
  readonly choices: readonly number[];
}

const TICKET = { userId: 'anna', cinemaNo: 'AVATOR', time: '10:00', price: 12_000 };
const LIMIT = 1_000_000;

/** The three services on databases in memory, and what can happen next. */
class Theatre {
  readonly #reservation = new MemoryDatabase([reservationTable]);
  readonly #payment = new MemoryDatabase([paymentTable]);
  readonly #cinema = new MemoryDatabase([bookingTable]);
  readonly #reservations = new Store(this.#reservation, reservationTable);
  readonly #reservationService: ReturnType<typeof reservationService>;
  readonly #pay: (request: PaidTicket) => Promise<{ paymentId: string }>;
  readonly #consumers: readonly (readonly [MemoryDatabase, readonly EventHandler[]])[];
  readonly #relayed = new Map<MemoryDatabase, number>();
  readonly #events: string[] = [];
  /** Things that can happen, in any order. */
  readonly pending: (() => Promise<unknown>)[] = [];

  constructor({ answer, isSlow, isCancelled }: Scenario) {
    const payments = new Store(this.#payment, paymentTable);
    const effects = paymentEffects(payments, LIMIT);
    const service = paymentService(payments, effects, LIMIT);
    this.#pay = async (request) => await service.completePayment(request, callContext());
    const complete = async (request: PaidTicket) => {
      const response = await this.#pay(request);
      if (isSlow) await new Promise<void>((resolve) => this.pending.push(async () => resolve()));
      if (answer === 'arrives') return response;
      throw unavailable('LOST', 'the answer was lost');
    };
    // Reserving calls no other method.
    const reserve = reserving(this.#reservations, { completePayment: complete } as unknown as Client<typeof PaymentServiceService>);
    this.#reservationService = reservationService(this.#reservations, reserve);
    const content = () => ({ reservationIds: [] });
    const review = new EffectReview({ database: this.#payment, leaseSeconds: 30, event: PaymentsUnconfirmed, content });
    this.#consumers = [
      [this.#reservation, reservationHandlers(this.#reservations, reserve)],
      [this.#payment, paymentHandlers(effects, review)],
      [this.#cinema, cinemaHandlers(new Store(this.#cinema, bookingTable))],
    ];
    this.pending.push(() => (answer === 'callerDead' ? this.#die() : this.#start()));
    if (isCancelled) this.pending.push(() => this.#cancel());
  }

  get #reservationId(): string {
    return this.#reservations.idFrom('anna', 'key', '1');
  }

  /** Begins to reserve. It ends when the scenario lets the answer arrive. */
  async #start(): Promise<void> {
    const reserved = this.#reservationService.reserveTicket(TICKET, callContext({ idempotencyKey: 'key', actingUser: 'anna' }));
    const ended = Promise.resolve(reserved).catch((error) => {
      if (!(error instanceof RpcError)) throw error;
    });
    const before = this.pending.length;
    const isWaiting = async () => {
      while (this.pending.length === before) await new Promise((resolve) => setImmediate(resolve));
    };
    await Promise.race([ended, isWaiting()]);
  }

  /** The caller dies after the payment; payment asks about it at some time. */
  async #die(): Promise<void> {
    const reservationId = this.#reservationId;
    await this.#pay({ ...TICKET, reservationId });
    const [[database, handlers] = []] = this.#consumers;
    this.pending.push(async () => database?.deliver(handlers ?? [], PaymentsUnconfirmed, { reservationIds: [reservationId] }));
  }

  /** Too early, it is refused. */
  async #cancel(): Promise<void> {
    try {
      await this.#reservationService.cancelReservation({ reservationId: this.#reservationId }, callContext());
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
    }
  }

  /** Makes deliveries of what was committed. */
  collect(): void {
    for (const [database] of this.#consumers) {
      const from = this.#relayed.get(database) ?? 0;
      this.#relayed.set(database, database.events.length);
      for (const { type, value } of database.events.slice(from)) {
        this.#events.push(type);
        for (const [consumer, handlers] of this.#consumers) {
          if (!handlers.some((each) => each.type === type)) continue;
          // The handler decodes the bytes itself.
          const raw = { $type: type, decode: () => value, encode: () => ({ finish: () => value }) } as unknown as EventType<Uint8Array>;
          this.pending.push(() => consumer.deliver(handlers, raw, value));
        }
      }
    }
  }

  async snapshot(): Promise<StatusSnapshot> {
    const [reservation, payment, cinema] = await Promise.all([
      entities(this.#reservation, reservationTable),
      entities(this.#payment, paymentTable),
      entities(this.#cinema, bookingTable),
    ]);
    const ranks = this.#events.map((event) => informations.events.find(({ type }) => type.$type === event)?.status ?? 0);
    const rank = Math.max(0, ...ranks);
    const status = Object.entries(Information_Status).find(([, number]) => number === rank)?.[0] ?? '-';
    const information = new Map(rank === 0 ? [] : [...payment.keys()].map((id) => [id, status]));
    return { statuses: { reservation, payment, cinema, information }, waiting: {} };
  }
}

async function entities(database: MemoryDatabase, table: AnyTable): Promise<Map<string, string>> {
  const { rows } = await database.page(table, { filters: {}, after: undefined, limit: 10 });
  // Each table has these columns.
  const found = rows as unknown as { reservationId: string; status: string }[];
  return statusesOf(found.map(({ reservationId, status }) => ({ id: reservationId, status })));
}

/** Lets everything happen in the order of the choices. Each thing may happen twice, as a delivery may. */
async function play(scenario: Scenario): Promise<StatusSnapshot> {
  const theatre = new Theatre(scenario);
  for (let step = 0; theatre.pending.length > 0; step++) {
    const choice = scenario.choices[step % scenario.choices.length] ?? 0;
    const [next] = theatre.pending.splice(choice % theatre.pending.length, 1);
    await next?.();
    // What awaited the answer of the call goes on.
    await new Promise((resolve) => setImmediate(resolve));
    if (choice % 7 === 0) await next?.();
    theatre.collect();
    if (step > 500) throw new Error('the saga does not end');
  }
  return await theatre.snapshot();
}

const scenarios: fc.Arbitrary<Scenario> = fc.record({
  answer: fc.constantFrom('arrives' as const, 'lost' as const, 'callerDead' as const),
  isSlow: fc.boolean(),
  isCancelled: fc.boolean(),
  choices: fc.array(fc.nat(), { minLength: 20, maxLength: 60 }),
});

describe('in every order of events and commands', () => {
  it('nobody pays for a ticket that is not booked, and all services agree', async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(scenarios, async (scenario) => {
        const snapshot = await play(scenario);
        expect(disagreements(tickets, snapshot)).toEqual([]);
        for (const status of snapshot.statuses.reservation?.values() ?? []) seen.add(status);
      }),
      { numRuns: 800 },
    );
    expect([...seen].toSorted()).toEqual(['CANCELLED', 'REJECTED', 'RESERVED']);
  });
});
