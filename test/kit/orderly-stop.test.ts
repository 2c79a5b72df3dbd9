import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newId } from '#kit/runtime/ids.ts';
import { CarServiceService } from '#proto/rentcar/car/v1/car.ts';
import { Failpoint, Failpoint_Action } from '#proto/rentmesh/fault/v1/fault.ts';
import { each, eventually, range } from '../support/eventually.ts';
import { channel, client } from '../support/grpc.ts';
import { watchHealth } from '../support/health.ts';
import { control, podService, system } from '../support/instance.ts';
import { administer } from '../support/kafka.ts';
import { whilePaused } from '../support/paused.ts';
import { qtyBecomes, type Reservation, registerCar, rentalBecomes, reserve, unique } from '../support/rentcar.ts';
import { listAll } from '../support/rest.ts';
import { tested } from '../support/tested/index.ts';

async function statusOf(name: string) {
  const { processes } = await control.status();
  const found = processes.find((each) => each.name === name);
  if (found === undefined) throw new RangeError(`there is no process ${name}`);
  return found;
}

/** Waits until a process that was sent SIGTERM has ended, with code 0, and runs again. */
async function endsInOrder(name: string, before: { restarts: number }): Promise<void> {
  await eventually(`${name} has ended in order and is back`, async () => {
    expect(await statusOf(name)).toMatchObject({ restarts: before.restarts + 1, state: 'ready', lastExit: { code: 0, signal: null } });
  });
}

describe('on SIGTERM', () => {
  it('a service says NOT_SERVING, finishes the calls that are running, and ends with code 0', async () => {
    const { carId, carName } = await registerCar(5);
    const connection = channel(podService('rentcar/car-1'));
    const told = watchHealth(connection, '');
    await eventually('the watch has begun', () => expect(told).toEqual(['SERVING']));
    const before = await statusOf('rentcar/car-1');
    const running = await whilePaused(
      carId,
      async (taken) => {
        const calls = range(3).map(() => client(connection, CarServiceService).checkUpdateStock({ carId, reservationId: newId() }));
        await eventually('the calls are running', async () => expect(await taken()).toBe(3));
        await control.kill('rentcar/car-1', 'SIGTERM');
        await eventually('the service tells that it ends', () => expect(told).toEqual(['SERVING', 'NOT_SERVING']));
        return Promise.all(calls);
      },
      3000,
    );
    expect(running).toEqual(Array(3).fill({ carName }));
    await endsInOrder('rentcar/car-1', before);
    connection.close();
    // Nobody vouches for what was taken.
    await qtyBecomes(carId, 5);
  });

  it('a service sends the events of what it has committed', async () => {
    const { carId } = await registerCar(2);
    // The relay stands still after the first event, until the service ends.
    const failpoint = Failpoint.fromPartial({ name: 'relay.sent', action: Failpoint_Action.PAUSE, pauseMs: 1500 });
    await tested.setFaults('rentcar/reservation-1', { failpoints: [failpoint] });
    const first = await reserve({ carId });
    await rentalBecomes(first.reservationId, 'ALLOCATED');
    const second = await reserve({ carId });
    await control.stop('rentcar/reservation-1');
    try {
      await rentalBecomes(second.reservationId, 'ALLOCATED');
    } finally {
      await control.start('rentcar/reservation-1');
    }
  });

  it.each(['rentcar/car-1', 'rentcar/reservation-1'])(
    '%s loses no call: clients see success, or UNAVAILABLE and then success',
    async (name) => {
      const { carId } = await registerCar(300);
      const userId = unique('user');
      const before = await statusOf(name);
      let successes = 0;
      const made = await each(range(200), 20, async () => {
        const reservation = await reserve({ carId, userId });
        if (++successes === 60) await control.kill(name, 'SIGTERM');
        return reservation.reservationId;
      });
      await endsInOrder(name, before);
      const stored = await listAll<Reservation>('/rentcar/reservations', 'reservations', { car_id: carId, status: 'RESERVED' });
      expect(stored.map(({ reservationId }) => reservationId).toSorted()).toEqual(made.toSorted());
      await qtyBecomes(carId, 100);
    },
  );

  it.each([
    ['rentcar/rental-1', 'rentcar.rental'],
    ['rentcar/mypage-1', 'rentcar.mypage'],
    ['rentcar/car-1', 'rentcar.car'],
    ['rentcar/reservation-1', 'rentcar.reservation'],
  ])('%s leaves its consumer group, which does not have to wait for its session to expire', async (name, group) => {
    const members = () =>
      administer(async (admin) => {
        const { groups } = await admin.describeGroups([group]);
        return groups.flatMap((each) => each.members);
      });
    await eventually('the group has its member', async () => expect(await members()).toHaveLength(1));
    await control.stop(name);
    try {
      expect(await members()).toEqual([]);
      expect((await statusOf(name)).state).toBe('stopped');
    } finally {
      await control.start(name);
    }
  });

  it('the gateway without calls ends and cuts none off', async () => {
    const log = () => readFileSync(join(system.state.logs, 'edge/gateway-1.log'), 'utf8');
    const before = log().length;
    await control.stop('edge/gateway-1');
    try {
      expect(log().slice(before)).toContain('"msg":"stopped"');
      expect(log().slice(before)).not.toContain('cutting off');
    } finally {
      await control.start('edge/gateway-1');
    }
  });
});
