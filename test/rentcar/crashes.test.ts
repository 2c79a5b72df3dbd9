import { describe, expect, it } from 'vitest';
import { stockAddsUp } from '../resilience/support/resilience.ts';
import { each, eventually, range } from '../support/eventually.ts';
import { control } from '../support/instance.ts';
import { type Mypage, patiently, qtyBecomes, type Rental, type Reservation, registerCar, reserve, unique } from '../support/rentcar.ts';
import { listAll } from '../support/rest.ts';

const RESERVATIONS = 300;
const CLIENTS = 20;
/** After so many successes the blow falls: the other clients are in the middle of their calls. */
const BEFORE = 100;
/** A broker or a consumer group that starts again takes its time on a busy machine. */
const RECOVERY_MS = 60_000;

const ALL = ['rentcar/car-1', 'rentcar/reservation-1', 'rentcar/rental-1', 'rentcar/mypage-1', 'postgres', 'kafka', 'mongo'];
const blows: readonly { readonly name: string; readonly victims: readonly string[] }[] = [
  ...ALL.map((name) => ({ name, victims: [name] })),
  ...['rentcar/car-1-sidecar', 'rentcar/reservation-1-sidecar', 'edge'].map((name) => ({ name, victims: [name] })),
  { name: 'all services and engines at once', victims: ALL },
];

describe.each(blows)('kill -9 of $name in the middle of 300 reservations', ({ victims }) => {
  it('loses no reservation and takes no stock twice, for clients that repeat what was UNAVAILABLE', async () => {
    const { carId } = await patiently(() => registerCar(1000));
    const userId = unique('user');
    const before = await Promise.all(victims.map(restarts));
    let successes = 0;
    const made = await each(range(RESERVATIONS), CLIENTS, async () => {
      const reservation = await reserve({ carId, userId }, {}, { brokenConnections: victims.includes('edge') });
      if (++successes === BEFORE) await Promise.all(victims.map((victim) => control.kill(victim, 'SIGKILL')));
      return reservation;
    });
    await eventually(
      `${victims.join(', ')} died and came back`,
      async () => {
        const after = await Promise.all(victims.map(restarts));
        for (const [index, count] of before.entries()) expect(after[index], victims[index]).toBeGreaterThan(count);
      },
      RECOVERY_MS,
    );

    const ids = made.map(({ reservationId }) => reservationId).toSorted();
    expect(new Set(ids).size, 'each success is a reservation of its own').toBe(RESERVATIONS);
    await eventually(
      'everything has arrived',
      async () => {
        const stored = await listAll<Reservation>('/rentcar/reservations', 'reservations', { car_id: carId, status: 'RESERVED' });
        expect(stored.map(({ reservationId }) => reservationId).toSorted()).toEqual(ids);
        const rentals = await listAll<Rental>('/rentcar/rentals', 'rentals', { user_id: userId });
        expect(rentals.map(({ reservationId, status }) => ({ reservationId, status })).toSorted(byId)).toEqual(all(ids, 'ALLOCATED'));
        const rows = await listAll<Mypage>('/rentcar/mypages', 'mypages', { user_id: userId });
        expect(rows.map(({ reservationId, status }) => ({ reservationId, status })).toSorted(byId)).toEqual(all(ids, 'ALLOCATED'));
      },
      RECOVERY_MS,
    );
    // What a dead process had taken for nobody is back after the lease.
    await qtyBecomes(carId, 1000 - RESERVATIONS, RECOVERY_MS);
    await stockAddsUp();
  });
});

interface Row {
  readonly reservationId: string;
  readonly status: string;
}

const byId = (a: Row, b: Row) => (a.reservationId < b.reservationId ? -1 : 1);
const all = (ids: readonly string[], status: string): Row[] => ids.map((reservationId) => ({ reservationId, status }));

async function restarts(name: string): Promise<number> {
  const { processes } = await control.status();
  const found = processes.find((each) => each.name === name);
  if (found === undefined) throw new RangeError(`there is no process ${name}`);
  if (found.state !== 'ready') throw new Error(`${name} is ${found.state}`);
  return found.restarts;
}
