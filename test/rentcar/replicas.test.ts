import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ReservationServiceService } from '#proto/rentcar/reservation/v1/reservation.ts';
import { onDatabase } from '../support/database.ts';
import { each, eventually, range } from '../support/eventually.ts';
import { channel, client } from '../support/grpc.ts';
import { control, podService } from '../support/instance.ts';
import { patiently, qtyBecomes, registerCar, reserve, unique } from '../support/rentcar.ts';
import { rest } from '../support/rest.ts';

beforeAll(async () => {
  await control.scale('car', 2);
  await control.scale('reservation', 2);
});
afterAll(async () => {
  await control.scale('car', 1);
  await control.scale('reservation', 1);
});

describe('two replicas of car', () => {
  it('never deadlock on the cancellations of many cars', async () => {
    const deadlocks = () =>
      onDatabase('rentcar_car', async (database) => {
        const { rows } = await database.query<{ count: number }>(
          'select deadlocks::int as count from pg_stat_database where datname = current_database()',
        );
        return rows[0]?.count;
      });
    const before = await deadlocks();
    const cars = await each(range(6), 6, () => registerCar(30));
    const userId = unique('user');
    const orders = range(180).map((index) => cars[(index * 7) % cars.length]?.carId ?? '');
    const made = await each(orders, 30, (carId) => reserve({ carId, userId }));
    const byChance = made.toSorted((a, b) => a.reservationId.slice(-6).localeCompare(b.reservationId.slice(-6)));
    await each(byChance, 60, ({ reservationId }) => patiently(() => rest('POST', `/rentcar/reservations/${reservationId}:cancel`, {})));
    for (const { carId } of cars) await qtyBecomes(carId, 30);
    expect(await deadlocks()).toBe(before);
  });
});

/** The server's process id of the session that holds the relay's lock on reservation's outbox. */
async function relaySession(): Promise<number | undefined> {
  return await onDatabase('rentcar_reservation', async (database) => {
    const { rows } = await database.query<{ pid: number }>(
      "select pid from pg_locks where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())",
    );
    return rows[0]?.pid;
  });
}

describe('a relay', () => {
  it('hands over when its process is frozen', async () => {
    const { carId } = await registerCar(1);
    const connection = channel(podService('rentcar/reservation-2'));
    // It was the only replica, so its relay is the active one.
    const before = await relaySession();
    await control.kill('rentcar/reservation-1', 'SIGSTOP');
    try {
      const { reservation } = await patiently(() =>
        client(connection, ReservationServiceService).reserveCar({ carId, userId: unique('user') }),
      );
      await eventually(
        'the reservation is in mypage',
        async () => expect(await rest('GET', `/rentcar/mypages/${reservation?.reservationId}`)).toMatchObject({ status: 'ALLOCATED' }),
        // The server ends the session of the frozen relay after 20 s.
        60_000,
      );
      expect(await relaySession()).not.toBe(before);
    } finally {
      await control.kill('rentcar/reservation-1', 'SIGCONT');
      connection.close();
    }
  });
});
