import { status as code, Metadata } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import type { Row } from '#kit/postgres/table.ts';
import { RpcError, unavailable } from '#kit/rpc/errors.ts';
import type { CallContext } from '#kit/rpc/server.ts';
import { derivedId } from '#kit/runtime/ids.ts';
import { accept, type Reservation, reject } from './domain.ts';
import { type Reservations, reserve, type StockCheck } from './reserve.ts';
import type { reservationTable } from './store.ts';

type StoredReservation = Row<typeof reservationTable>;

const request = { carId: 'car', userId: 'ada', userName: 'Ada', reservedDate: '' };
const KEY = 'key';
const attempt = (number: number) => derivedId('rentcar.reservation', request.userId, KEY, String(number));

/** Keeps reservations in memory; of two under one id the first stands, as in the store. */
class Memory implements Reservations {
  readonly stored = new Map<string, StoredReservation>();
  lookups = 0;

  constructor(...outcomes: { readonly state: Reservation }[]) {
    for (const { state } of outcomes) this.#put(state.reservationId, state);
  }

  #put(id: string, state: Reservation): StoredReservation {
    const standing = this.stored.get(id) ?? { ...state, version: 1, createTime: new Date(), updateTime: new Date() };
    this.stored.set(id, standing);
    return standing;
  }

  async add(id: string, { state }: { readonly state: Reservation }): Promise<StoredReservation> {
    return this.#put(id, state);
  }

  idFrom(...parts: string[]): string {
    return derivedId('rentcar.reservation', ...parts);
  }

  async findAll(ids: readonly string[]): Promise<StoredReservation[]> {
    this.lookups++;
    return ids.flatMap((id) => this.stored.get(id) ?? []);
  }
}

const granting: StockCheck = { checkUpdateStock: async () => ({ carName: 'SONATA' }) };
const failing = (error: RpcError): StockCheck => ({ checkUpdateStock: () => Promise.reject(error) });

function context(idempotencyKey?: string): CallContext {
  const metadata = new Metadata();
  // Reserving reads only the key; the call is passed on to car.
  return { metadata, headers: metadata, signal: new AbortController().signal, idempotencyKey, call: undefined as never };
}

const statuses = (store: Memory) => [...store.stored.values()].map(({ status }) => status);

describe('reserving', () => {
  it('stores the reservation when car grants the stock', async () => {
    const store = new Memory();
    expect(await reserve(request, context(), store, granting)).toMatchObject({ ...request, carName: 'SONATA', status: 'RESERVED' });
    expect(statuses(store)).toEqual(['RESERVED']);
    expect(store.lookups).toBe(0);
  });

  it.each([code.NOT_FOUND, code.FAILED_PRECONDITION, code.INVALID_ARGUMENT])(
    'stores nothing when car refuses with code %i',
    async (refusal) => {
      const store = new Memory();
      const refused = reserve(request, context(), store, failing(new RpcError(refusal, 'REASON', 'no')));
      await expect(refused).rejects.toMatchObject({ code: refusal, reason: 'REASON' });
      expect(statuses(store)).toEqual([]);
    },
  );

  it('stores nothing when car certainly did nothing', async () => {
    const store = new Memory();
    const error = new RpcError(code.UNAVAILABLE, 'STORE_BUSY', 'busy', { nothingDone: true });
    await expect(reserve(request, context(), store, failing(error))).rejects.toMatchObject({ reason: 'STOCK_UNCHECKED' });
    expect(statuses(store)).toEqual([]);
  });

  it('stores a rejection when the outcome is unknown', async () => {
    const store = new Memory();
    const unknown = reserve(request, context(), store, failing(unavailable('UPSTREAM_TIMEOUT', 'timeout')));
    await expect(unknown).rejects.toMatchObject({ code: code.UNAVAILABLE, reason: 'STOCK_UNCHECKED', retryAfterSeconds: 1 });
    expect(statuses(store)).toEqual(['REJECTED']);
  });

  it('fails when a rejection under its id was stored before its own commit', async () => {
    const store = new Memory();
    const late: StockCheck = {
      checkUpdateStock: async ({ reservationId }) => {
        await store.add(reservationId, reject(reservationId, request));
        return { carName: 'SONATA' };
      },
    };
    await expect(reserve(request, context(), store, late)).rejects.toMatchObject({ reason: 'STOCK_UNCHECKED' });
    expect(statuses(store)).toEqual(['REJECTED']);
  });
});

describe('an idempotency key', () => {
  it('gives the reservation that it has made, without asking car', async () => {
    const standing = accept(attempt(1), request, 'SONATA');
    const unasked = failing(unavailable('UNASKED', 'car was asked'));
    expect(await reserve(request, context(KEY), new Memory(standing), unasked)).toMatchObject(standing.state);
  });

  it('is refused for another request', async () => {
    const standing = accept(attempt(1), { ...request, carId: 'other' }, 'SONATA');
    const reused = reserve(request, context(KEY), new Memory(standing), granting);
    await expect(reused).rejects.toMatchObject({ code: code.ALREADY_EXISTS, reason: 'IDEMPOTENCY_KEY_REUSED' });
  });

  it('is refused while another request under it holds another car', async () => {
    const held = failing(new RpcError(code.ALREADY_EXISTS, 'HOLD_OF_OTHER_CAR', 'held'));
    const store = new Memory();
    await expect(reserve(request, context(KEY), store, held)).rejects.toMatchObject({ reason: 'IDEMPOTENCY_KEY_REUSED' });
    expect(statuses(store)).toEqual([]);
  });

  it('finds its next attempt by one lookup after seven rejected ones, and by few after a hundred', async () => {
    for (const [rejected, lookups] of [
      [7, 1],
      [100, 4],
    ] as const) {
      const store = new Memory(...Array.from({ length: rejected }, (_, index) => reject(attempt(index + 1), request)));
      expect(await reserve(request, context(KEY), store, granting)).toMatchObject({ reservationId: attempt(rejected + 1) });
      expect(store.lookups).toBe(lookups);
    }
  });
});
