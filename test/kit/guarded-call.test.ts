import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Decision, Outcome } from '#kit/decision.ts';
import type { Envelope, EventHandler } from '#kit/events/events.ts';
import { isStoreBusy } from '#kit/events/transient-errors.ts';
import { GuardedEffects } from '#kit/guarded-call/callee.ts';
import { ConfirmationReport } from '#kit/guarded-call/report.ts';
import { EffectReview } from '#kit/guarded-call/review.ts';
import { PostgresDatabase } from '#kit/postgres/postgres.ts';
import { Store } from '#kit/postgres/store.ts';
import { enumOf, integer, table, uuid } from '#kit/postgres/table.ts';
import { createLogger } from '#kit/runtime/log.ts';
import { startTelemetry } from '#kit/runtime/telemetry.ts';
import { OutboxBatch } from '#proto/rentmesh/outbox/v1/outbox.ts';
import { onDatabase } from '../support/database.ts';
import { each, range } from '../support/eventually.ts';
import { tested } from '../support/tested/index.ts';

const SCHEMA = 'kit_guarded_call_test';
const MIGRATION = new URL('../../services/kit/postgres/migrations/003_guarded_call.sql', import.meta.url);

/** An event that is JSON, so that the test needs no contract. */
function event<T>(name: string) {
  return {
    $type: `test.toll.v1.${name}`,
    encode: (message: T) => ({ finish: () => Buffer.from(JSON.stringify(message)) }),
    decode: (bytes: Uint8Array): T => JSON.parse(Buffer.from(bytes).toString()),
  };
}

interface Charge {
  readonly tripId: string;
  readonly amount: number;
}

const Charged = event<Charge>('Charged');
const Refunded = event<Charge>('Refunded');
const ChargeReleased = event<Pick<Charge, 'tripId'>>('ChargeReleased');
const TripsConfirmed = event<{ readonly tripIds: readonly string[]; readonly until: string | undefined }>('TripsConfirmed');
const ChargesUnconfirmed = event<{ readonly tripIds: readonly string[] }>('ChargesUnconfirmed');

/** Charges: one row per effect, with the id of the trip that is charged. */
const charges = table('charges', {
  namespace: 'test.charge',
  id: 'tripId',
  columns: { tripId: uuid, amount: integer, status: enumOf({ STATUS_UNSPECIFIED: 0, PAID: 1, REFUNDED: 2, REJECTED: 3 }) },
  mutable: ['status'],
  events: { Charged, Refunded },
});

interface ChargeState extends Charge {
  readonly status: 'PAID' | 'REFUNDED' | 'REJECTED';
}

function pay(charge: ChargeState | undefined, { tripId, amount }: Charge): Decision<ChargeState, 'Charged', 'DECLINED'> {
  if (charge !== undefined) throw new Error('the kit applied an effect twice');
  return amount > 100 ? 'DECLINED' : { state: { tripId, amount, status: 'PAID' }, events: ['Charged'] };
}

function refund(charge: ChargeState): Outcome<ChargeState, 'Refunded'> {
  return { state: { ...charge, status: 'REFUNDED' }, events: ['Refunded'] };
}

/** One replica of the callee. */
function replica(database: PostgresDatabase) {
  const effects = new GuardedEffects({
    database,
    subjects: charges,
    keyOf: ({ tripId }: Pick<Charge, 'tripId'>) => ({ id: tripId, subjectId: tripId }),
    apply: pay,
    undo: refund,
    isSame: (charge, { amount }) => charge.amount === amount,
  });
  const [release] = effects.onReleased([ChargeReleased]) as [EventHandler];
  return { database, apply: (charge: Charge) => effects.apply(charge, { cancelled: false }), effects, release };
}

/** Applies events as a consumer does: again, while the transaction loses against another one. */
async function consume(database: PostgresDatabase, handler: EventHandler, events: readonly unknown[]): Promise<void> {
  // Handlers read only the trace.
  const envelopes = events.map(() => ({ trace: {} }) as Envelope);
  await database
    .transaction((tx) => handler.apply(events, tx, envelopes))
    .catch((error: unknown) => {
      if (!isStoreBusy(error)) throw error;
      return consume(database, handler, events);
    });
}

const charge = (amount = 1): Charge => ({ tripId: randomUUID(), amount });

describe('the two halves of a guarded call on PostgreSQL', () => {
  let databases: PostgresDatabase[];
  let first: ReturnType<typeof replica>;
  let second: ReturnType<typeof replica>;

  beforeAll(async () => {
    await startTelemetry('test', undefined);
    const [up] = (await readFile(MIGRATION, 'utf8')).split('-- Down Migration');
    await onDatabase('rentcar_car', async (client) => {
      await client.query(`drop schema if exists ${SCHEMA} cascade; create schema ${SCHEMA}; set search_path = ${SCHEMA};
        create table charges (trip_id uuid primary key, amount int not null, status text not null, version bigint not null,
          create_time timestamptz(3) not null default now(), update_time timestamptz(3) not null default now(),
          create_xid xid8 not null default pg_current_xact_id());
        create table outbox (id bigint generated always as identity primary key, events bytea not null);
        ${up}`);
    });
    await tested.withStores(async (stores) => {
      const url = new URL(stores.postgresUri('rentcar_car'));
      url.searchParams.set('options', `-c search_path=${SCHEMA}`);
      databases = range(2).map(() => new PostgresDatabase({ url: url.href, poolSize: 4, log: createLogger('test', 'silent') }));
    });
    [first, second] = databases.map(replica) as [typeof first, typeof second];
  });

  beforeEach(async () => {
    await first.database.query('truncate outbox, charges, guarded_effects');
  });

  afterAll(async () => {
    for (const database of databases) await database.close();
    await onDatabase('rentcar_car', (client) => client.query(`drop schema ${SCHEMA} cascade`));
  });

  /** Returns the contents of all events of a type. */
  async function published<T>({ $type, decode }: { $type: string; decode: (bytes: Uint8Array) => T }): Promise<T[]> {
    const rows = await first.database.query<{ events: Buffer }>('select events from outbox order by id');
    const events = rows.flatMap((row) => OutboxBatch.decode(row.events).events);
    return events.filter(({ type }) => type === $type).map(({ value }) => decode(value));
  }

  it('apply an effect once, however many replicas are asked at once', async () => {
    for (const wanted of [charge(), charge(), charge()]) {
      const answers = await each(range(20), 20, (index) => (index % 2 === 0 ? first : second).apply(wanted));
      for (const answer of answers) expect(answer).toMatchObject({ ...wanted, status: 'PAID', version: 1 });
      expect(await first.apply({ ...wanted, amount: 2 })).toBe('EFFECT_OF_OTHER_CONTENT');
    }
    expect(await published(Charged)).toHaveLength(3);
  });

  it('store nothing for a refusal or for a call that has ended', async () => {
    expect(await first.apply(charge(101))).toBe('DECLINED');
    await expect(first.effects.apply(charge(), { cancelled: true })).rejects.toMatchObject({ reason: 'CANCELLED' });
    expect(await first.database.query('select effect_id from guarded_effects')).toEqual([]);
    expect(await published(Charged)).toEqual([]);
  });

  it('leave no effect of a release, whether the release or the call arrives first', async () => {
    const wanted = range(60).map(() => charge());
    const calls = wanted.map((each, index) => (index % 2 === 0 ? first : second).apply(each));
    const releases = range(6).map((part) => consume(second.database, second.release, wanted.slice(10 * part, 10 * part + 10)));
    const answers = await Promise.all(calls);
    await Promise.all(releases);
    const granted = answers.filter((answer) => typeof answer === 'object').length;
    expect(answers.filter((answer) => answer === 'EFFECT_RELEASED')).toHaveLength(60 - granted);
    await consume(first.database, first.release, wanted);
    for (const each of wanted) expect(await first.apply(each)).toBe('EFFECT_RELEASED');
    expect(await published(Charged)).toHaveLength(granted);
    expect(await published(Refunded)).toHaveLength(granted);
    expect(await first.database.query(`select trip_id from charges where status <> 'REFUNDED'`)).toEqual([]);
  });

  it('ask once about the effects that no report has confirmed', async () => {
    const { database } = first;
    const review = new EffectReview({
      database,
      leaseSeconds: 0,
      event: ChargesUnconfirmed,
      content: (effects) => ({ tripIds: effects.map(({ id }) => id) }),
    });
    const onConfirmed = review.onConfirmed(TripsConfirmed, ({ tripIds, until }) => ({
      ids: tripIds,
      until: until === undefined ? undefined : new Date(until),
    }));
    const [kept, released, lost] = [charge(), charge(), charge()];
    for (const each of [kept, released, lost]) await first.apply(each);
    await consume(database, first.release, [released]);
    await consume(database, onConfirmed, [{ tripIds: [kept.tripId, released.tripId], until: undefined }]);
    await review.ask();
    // Without a report up to now, the effects are not old enough.
    expect(await published(ChargesUnconfirmed)).toEqual([]);
    const [now] = await database.query<{ now: Date }>(`select now() + interval '1 s' as now`);
    await consume(database, onConfirmed, [{ tripIds: [], until: now?.now.toISOString() }]);
    await Promise.all([review.ask(), review.ask()]);
    await review.ask();
    expect(await published(ChargesUnconfirmed)).toEqual([{ tripIds: [lost.tripId] }]);
    const states = await database.query<{ state: string }>('select state from guarded_effects order by apply_time');
    expect(states.map(({ state }) => state)).toEqual(['CONFIRMED', 'RELEASED', 'APPLIED']);
  });

  it('report each stored entity, and no rejected one', async () => {
    const { database } = first;
    const trips = new Store(database, charges);
    const report = new ConfirmationReport({
      database,
      table: charges,
      event: TripsConfirmed,
      content: (tripIds, until) => ({ tripIds, until: until?.toISOString() }),
      intervalSeconds: 0,
    });
    const store = async (status: ChargeState['status']) => {
      const tripId = randomUUID();
      await trips.add(tripId, { state: { tripId, amount: 1, status }, events: [] });
      return tripId;
    };
    const paid = await store('PAID');
    const rejected = await store('REJECTED');
    const refunded = await store('REFUNDED');
    await report.publish();
    const later = await store('PAID');
    await report.publish();
    const reports = await published(TripsConfirmed);
    const ids = reports.flatMap(({ tripIds }) => tripIds);
    expect(ids).toEqual(expect.arrayContaining([paid, refunded, later]));
    expect(ids).not.toContain(rejected);
    // Each report ends with the time up to which it is complete.
    expect(reports.map(({ until }) => until === undefined)).toEqual([true, false, true, false]);
  });
});
