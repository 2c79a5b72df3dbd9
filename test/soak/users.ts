import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Call, Caller } from './calls.ts';
import type { Findings } from './findings.ts';
import { newOrder, type Order, type Protocol } from './orders.ts';
import type { Random } from './random.ts';
import type { Watches } from './watches.ts';

/** What the users of a round share. */
export interface Market {
  readonly carIds: readonly string[];
  /** All orders of the round, also those of other users: a cancellation may race a completion. */
  readonly orders: Order[];
  readonly caller: Caller;
  readonly watches: Watches;
  readonly findings: Findings;
}

/** The longest pause between two steps of a user. */
const THINK_MS = 60;

const RESERVE = 'rentcar.reservation.v1.ReservationService/ReserveCar';

/** Users who reserve, repeat, cancel, complete, watch and read until the signal is aborted; then they finish what they began. */
export async function runUser(name: string, market: Market, random: Random, signal: AbortSignal): Promise<void> {
  const user = new User(name, market, random);
  while (!signal.aborted) {
    await user.step();
    await sleep(random.integer(0, THINK_MS));
  }
}

class User {
  readonly #name: string;
  readonly #market: Market;
  readonly #random: Random;
  #orders = 0;

  constructor(name: string, market: Market, random: Random) {
    this.#name = name;
    this.#market = market;
    this.#random = random;
  }

  async step(): Promise<void> {
    const lot = this.#random.next();
    if (lot < 0.45) await this.#reserve();
    else if (lot < 0.65) await this.#withReserved((order, id) => this.#cancel(order, id));
    else if (lot < 0.8) await this.#withReserved((order, id) => this.#complete(order, id));
    else if (lot < 0.9) await this.#withReserved((order) => this.#repeat(order));
    else await this.#read();
  }

  get #protocol(): Protocol {
    return this.#random.chance(0.25) ? 'Connect' : 'REST';
  }

  /** An id in one of its spellings. */
  #spelled(id: string): string {
    return this.#random.chance(0.15) ? id.toUpperCase() : id;
  }

  async #reserve(): Promise<void> {
    const carId = this.#spelled(this.#random.pick(this.#market.carIds) ?? '');
    const id = `${this.#name}-${++this.#orders}`;
    const keyed = this.#random.chance(0.9);
    const order = newOrder({ id, userId: this.#name, carId, key: keyed ? `key-${id}` : undefined });
    this.#market.orders.push(order);
    const call = reserving(order);
    const protocol = this.#protocol;
    const { caller } = this.#market;
    if (!keyed) return this.#reserved(order, await caller.once(call, protocol));
    const times = this.#random.chance(0.1) ? 2 : 1;
    const answers = await Promise.all(Array.from({ length: times }, () => caller.untilAnswered(call, protocol)));
    // Nothing remembers a refusal: of two calls at once, the later one may get stock that was given back in between.
    const granted = answers.filter(({ kind }) => kind === 'ok');
    for (const answer of granted.length > 0 ? granted : answers) this.#reserved(order, answer);
  }

  #reserved(order: Order, answer: Answer): void {
    const { findings, watches } = this.#market;
    if (answer.kind === 'ok') {
      const { reservationId, userName } = answer.body;
      if (typeof reservationId !== 'string' || userName !== order.id) {
        findings.violation(`${order.id} was answered with another reservation: ${JSON.stringify(answer.body)}`);
        return;
      }
      if (order.reservationId !== undefined && order.reservationId !== reservationId)
        findings.violation(`${order.id}: two reservations under one key, ${order.reservationId} and ${reservationId}`);
      if (order.reservationId === undefined && this.#random.chance(0.3)) watches.open(reservationId, this.#random.chance(0.5));
      order.reservationId = reservationId;
      order.outcome = 'reserved';
      findings.count('reserved');
    } else if (answer.kind === 'refused') {
      if (order.outcome === 'reserved') findings.violation(`${order.id} was reserved, and refused when it was repeated`);
      else order.outcome = 'refused';
      findings.count(answer.reason);
    } else order.outcome ??= 'unknown';
  }

  /** Works on a random order that was reserved, of whichever user. */
  async #withReserved(work: (order: Order, reservationId: string) => Promise<void>): Promise<void> {
    const order = this.#random.pick(this.#market.orders.filter(({ reservationId }) => reservationId !== undefined));
    if (order?.reservationId !== undefined) await work(order, order.reservationId);
  }

  async #cancel(order: Order, reservationId: string): Promise<void> {
    order.cancelRequested = true;
    const id = this.#spelled(reservationId);
    const answer = await this.#market.caller.untilAnswered(
      {
        method: 'POST',
        path: `/rentcar/reservations/${id}:cancel`,
        procedure: 'rentcar.reservation.v1.ReservationService/CancelReservation',
        message: { reservationId: id },
        member: 'reservation',
        refusals: ['NOT_CANCELLABLE'],
      },
      this.#protocol,
    );
    const { findings } = this.#market;
    if (answer.kind === 'ok') {
      if (answer.body.status !== 'CANCELLED') findings.violation(`${order.id}: a cancellation was answered ${JSON.stringify(answer.body)}`);
      order.cancelled = true;
      findings.count('cancelled');
    } else if (answer.kind === 'refused' && !order.completeRequested) {
      findings.violation(`${order.id} is NOT_CANCELLABLE, but nobody has completed its rental`);
    }
  }

  async #complete(order: Order, reservationId: string): Promise<void> {
    const rentalId = await this.#rentalOf(order, reservationId);
    if (rentalId === undefined) return;
    order.completeRequested = true;
    const answer = await this.#market.caller.untilAnswered(
      {
        method: 'POST',
        path: `/rentcar/rentals/${rentalId}:complete`,
        procedure: 'rentcar.rental.v1.RentalService/CompleteRental',
        message: { rentalId },
        member: 'rental',
        refusals: ['NOT_ALLOCATED'],
      },
      this.#protocol,
    );
    const { findings } = this.#market;
    if (answer.kind === 'ok') {
      if (answer.body.status !== 'COMPLETED') findings.violation(`${order.id}: a completion was answered ${JSON.stringify(answer.body)}`);
      order.completed = true;
      findings.count('completed');
    } else if (answer.kind === 'refused' && !order.cancelRequested) {
      findings.violation(`${order.id} is NOT_ALLOCATED, but nobody has cancelled its reservation`);
    }
  }

  /** The id of the rental of a reservation; undefined while there is none. */
  async #rentalOf(order: Order, reservationId: string): Promise<string | undefined> {
    const { caller, findings } = this.#market;
    const list: Call = {
      method: 'GET',
      path: `/rentcar/rentals?reservationId=${reservationId}`,
      procedure: 'rentcar.rental.v1.RentalService/ListRentals',
      message: { reservationId },
      refusals: [],
    };
    const answer = await caller.untilAnswered(list, this.#protocol);
    if (answer.kind !== 'ok' || !Array.isArray(answer.body.rentals)) return undefined;
    // The answer of ListRentals.
    const rentals = answer.body.rentals as { rentalId: string }[];
    if (rentals.length > 1) findings.violation(`${order.id} has ${rentals.length} rentals`);
    return rentals[0]?.rentalId;
  }

  /** Sends a reservation again under its key, which must lead to the same one. */
  async #repeat(order: Order): Promise<void> {
    if (order.key === undefined) return;
    this.#market.findings.count('repeated');
    this.#reserved(order, await this.#market.caller.untilAnswered(reserving(order), this.#protocol));
  }

  async #read(): Promise<void> {
    const carId = this.#spelled(this.#random.pick(this.#market.carIds) ?? '');
    const car: Call = {
      method: 'GET',
      path: `/rentcar/cars/${carId}`,
      procedure: 'rentcar.car.v1.CarService/GetCar',
      message: { carId },
      member: 'car',
      refusals: [],
    };
    const answer = await this.#market.caller.untilAnswered(car, this.#protocol);
    if (answer.kind === 'ok' && !(Number(answer.body.qty) >= 0))
      this.#market.findings.violation(`car ${carId} was shown as ${JSON.stringify(answer.body)}`);
    await this.#withReserved(async (_, reservationId) => {
      const id = this.#spelled(reservationId);
      const view: Call = {
        method: 'GET',
        path: `/rentcar/mypages/${id}`,
        procedure: 'rentcar.mypage.v1.MypageService/GetMypage',
        message: { reservationId: id },
        refusals: ['MYPAGE_NOT_FOUND'],
      };
      await this.#market.caller.untilAnswered(view, this.#protocol);
    });
  }
}

function reserving({ carId, userId, id, key }: Order): Call {
  const message = { carId, userId, userName: id };
  return {
    method: 'POST',
    path: '/rentcar/reservations',
    body: message,
    procedure: RESERVE,
    message,
    member: 'reservation',
    key,
    refusals: ['OUT_OF_STOCK'],
  };
}
