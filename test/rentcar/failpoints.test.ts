import { afterEach, describe, expect, it } from 'vitest';
import { ReservationServiceService } from '#proto/rentcar/reservation/v1/reservation.ts';
import { Failpoint, Failpoint_Action, FaultServiceService } from '#proto/rentmesh/fault/v1/fault.ts';
import { command } from '../support/command.ts';
import { onDatabase } from '../support/database.ts';
import { each, eventually, range } from '../support/eventually.ts';
import { failureOf } from '../support/failure.ts';
import { channel, client } from '../support/grpc.ts';
import { control, podInbound, podService } from '../support/instance.ts';
import { Tap } from '../support/kafka.ts';
import {
  mypageBecomes,
  patiently,
  qtyBecomes,
  type Reservation,
  registerCar,
  rentalBecomes,
  reservationOf,
  reserve,
  unique,
} from '../support/rentcar.ts';
import { listAll, rest } from '../support/rest.ts';
import { tested } from '../support/tested/index.ts';

const QTY = 10;
const RESERVATIONS = 6;
/** A consumer group whose member died rejoins after its session timeout. */
const RECOVERY_MS = 60_000;

async function processOf(name: string) {
  const { processes } = await control.status();
  const found = processes.find((each) => each.name === name);
  if (found === undefined) throw new RangeError(`there is no process ${name}`);
  return found;
}

async function arm(name: string, failpoint: Partial<Failpoint>): Promise<void> {
  await tested.setFaults(name, { failpoints: [Failpoint.fromPartial(failpoint)] });
}

/** Names of the failpoints that are still armed in a process. */
async function armed(name: string): Promise<string[]> {
  const connection = channel(podInbound(name));
  try {
    const { faults } = await client(connection, FaultServiceService).getFaults();
    return (faults?.failpoints ?? []).map((failpoint) => failpoint.name);
  } finally {
    connection.close();
  }
}

const cancel = (reservationId: string) => patiently(() => rest('POST', `/rentcar/reservations/${reservationId}:cancel`, {}));

const kills: readonly { readonly point: string; readonly victim: string; readonly between: string }[] = [
  { point: 'relay.sent', victim: 'rentcar/reservation-1', between: 'sending events and deleting them from the outbox' },
  { point: 'consumer.applied', victim: 'rentcar/rental-1', between: 'committing the effects and committing the offset' },
  { point: 'consumer.applied', victim: 'rentcar/mypage-1', between: 'committing the effects and committing the offset' },
  { point: 'consumer.applied', victim: 'rentcar/car-1', between: 'committing the effects and committing the offset' },
  { point: 'effect.applied', victim: 'rentcar/car-1', between: 'taking the stock and answering' },
  { point: 'effect.granted', victim: 'rentcar/reservation-1', between: 'the grant of the stock and its own commit' },
];

describe.each(kills)('$victim killed at $point, between $between', ({ point, victim }) => {
  // It may be starting again.
  afterEach(() => eventually(`${victim} has no faults`, () => tested.setFaults(victim, {})));

  it('leaves each reservation with exactly one effect everywhere', async () => {
    const { carId } = await registerCar(QTY);
    const userId = unique('user');
    const before = await processOf(victim);
    await arm(victim, { name: point, action: Failpoint_Action.KILL });
    const made = await each(range(RESERVATIONS), RESERVATIONS, () => reserve({ carId, userId }));
    const [first, second, ...others] = made;
    if (first === undefined || second === undefined) throw new Error('too few reservations');
    for (const { reservationId } of [first, second]) await cancel(reservationId);

    await eventually(
      `${victim} has died at ${point} and is back`,
      async () => {
        const after = await processOf(victim);
        expect(after).toMatchObject({ restarts: before.restarts + 1, state: 'ready', lastExit: { code: null, signal: 'SIGKILL' } });
      },
      RECOVERY_MS,
    );
    for (const { reservationId } of others) await rentalBecomes(reservationId, 'ALLOCATED', RECOVERY_MS);
    for (const { reservationId } of others) await mypageBecomes(reservationId, 'ALLOCATED', RECOVERY_MS);
    for (const { reservationId } of [first, second]) {
      await rentalBecomes(reservationId, 'CANCELLED', RECOVERY_MS);
      await mypageBecomes(reservationId, 'CANCELLED', RECOVERY_MS);
    }
    // Stock that the victim held without a stored reservation is released after the lease.
    await qtyBecomes(carId, QTY - others.length, RECOVERY_MS);
    const stored = await listAll<Reservation>('/rentcar/reservations', 'reservations', { user_id: userId });
    const ids = (wanted: (status: string) => boolean) => stored.filter(({ status }) => wanted(status)).map((each) => each.reservationId);
    expect(ids((status) => status !== 'REJECTED').toSorted()).toEqual(made.map(({ reservationId }) => reservationId).toSorted());
    const checked = await command('check');
    expect(checked, checked.output).toMatchObject({ code: 0 });
  });
});

describe('a relay killed between sending events and deleting them', () => {
  it('sends them again', async () => {
    const tap = await Tap.open(['rentcar.reservation.v1']);
    const sentOf = (reservationId: string) =>
      tap.records.filter(({ key, headers }) => key === reservationId && headers.ce_type?.endsWith('.CarReserved'));
    try {
      const { carId } = await registerCar(1);
      // The relay is to die with the event of the reservation.
      await eventually('no event is on its way', async () => {
        const { rows } = await onDatabase('rentcar_reservation', (database) => database.query('select id from outbox'));
        expect(rows).toEqual([]);
      });
      await arm('rentcar/reservation-1', { name: 'relay.sent', action: Failpoint_Action.KILL });
      const { reservationId } = await reserve({ carId });
      await rentalBecomes(reservationId, 'ALLOCATED', RECOVERY_MS);
      await eventually('CarReserved was sent twice', () => expect(sentOf(reservationId).length).toBeGreaterThanOrEqual(2), RECOVERY_MS);
      expect(new Set(sentOf(reservationId).map(({ headers }) => headers.ce_id)).size).toBe(1);
    } finally {
      await tap.close();
    }
  });
});

describe('a reservation that commits later than the lease of its stock', () => {
  afterEach(() => tested.setFaults('rentcar/reservation-1', {}));

  it('fails with UNAVAILABLE, gives the stock back, and the same key reserves anew', async () => {
    const { carId } = await registerCar(1);
    const userId = unique('user');
    const headers = { 'idempotency-key': unique('key') };
    await arm('rentcar/reservation-1', { name: 'effect.granted', action: Failpoint_Action.PAUSE, pauseMs: 600_000 });
    const connection = channel(podService('rentcar/reservation-1'));
    try {
      // At the service's own port: the mesh's timeout would answer before the late commit does.
      const late = failureOf(client(connection, ReservationServiceService).reserveCar({ carId, userId }, { headers, deadlineMs: 60_000 }));
      await eventually('the call has its grant', async () => expect(await armed('rentcar/reservation-1')).toEqual([]));
      const { rows } = await onDatabase('rentcar_car', (database) =>
        database.query<{ id: string }>('select reservation_id as id from holds where car_id = $1', [carId]),
      );
      expect(rows).toHaveLength(1);
      const lost = rows[0]?.id ?? '';
      await qtyBecomes(carId, 1);
      expect(await reservationOf(lost)).toMatchObject({ status: 'REJECTED' });

      await tested.setFaults('rentcar/reservation-1', {});
      expect(await late).toMatchObject({ code: 'UNAVAILABLE', reason: 'STOCK_UNCHECKED' });
      expect(await reservationOf(lost)).toMatchObject({ status: 'REJECTED' });
      const anew = await reserve({ carId, userId }, headers);
      expect(anew.reservationId).not.toBe(lost);
      await rentalBecomes(anew.reservationId, 'ALLOCATED');
      await qtyBecomes(carId, 0);
      const checked = await command('check');
      expect(checked, checked.output).toMatchObject({ code: 0 });
    } finally {
      connection.close();
    }
  });
});

describe('a failpoint that the process does not have', () => {
  it('is refused with those that it has', async () => {
    await expect(arm('rentcar/car-1', { name: 'car.sold', action: Failpoint_Action.KILL })).rejects.toThrow(
      /consumer\.applied, effect\.applied, relay\.sent/,
    );
  });
});
