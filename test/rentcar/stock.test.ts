import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CarServiceService } from '#proto/rentcar/car/v1/car.ts';
import { StockReleaseRequested } from '#proto/rentcar/reservation/v1/events.ts';
import { each, range } from '../support/eventually.ts';
import { failureOf } from '../support/failure.ts';
import { channel, client } from '../support/grpc.ts';
import { podService } from '../support/instance.ts';
import { consumed, event, write } from '../support/kafka.ts';
import { qtyBecomes, qtyOf, type Reservation, registerCar, rentalBecomes, reservationOf, reserve } from '../support/rentcar.ts';
import { listAll } from '../support/rest.ts';

const carPod = client(channel(podService('rentcar/car-1')), CarServiceService);

/** How many reservations of a car are RESERVED. */
async function reservedOf(carId: string): Promise<number> {
  return (await listAll<Reservation>('/rentcar/reservations', 'reservations', { car_id: carId, status: 'RESERVED' })).length;
}

describe('stock', () => {
  it('of 200 reservations at once of a car with 100 in stock exactly 100 succeed, and none is left', async () => {
    const { carId } = await registerCar(100);
    const outcomes = await each(range(200), 200, () => reserve({ carId }).catch((error: unknown) => error));
    const made = outcomes.filter((outcome) => !(outcome instanceof Error)).length;
    const failures = outcomes.filter((outcome) => outcome instanceof Error);
    for (const failure of failures) expect(failure).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'OUT_OF_STOCK' });
    expect(await reservedOf(carId)).toBe(made);
    // An attempt that timed out may have held stock while others were refused. That stock returns and is sold now.
    await qtyBecomes(carId, 100 - made);
    await each(range(100 - made), 1, () => reserve({ carId }));
    expect(await failureOf(reserve({ carId }))).toMatchObject({ reason: 'OUT_OF_STOCK' });
    expect(await reservedOf(carId)).toBe(100);
    expect(await qtyOf(carId)).toBe(0);
  });

  it('is taken once for a reservation id, however often and at once it is asked for', async () => {
    const { carId, carName } = await registerCar(10);
    const { reservationId } = await reserve({ carId });
    const answers = await each(range(20), 20, () => carPod.checkUpdateStock({ carId, reservationId }));
    expect(answers).toEqual(Array(20).fill({ carName }));
    expect(await qtyOf(carId)).toBe(9);
  });

  it('of a reservation stays taken beyond the lease of its hold', async () => {
    const { carId } = await registerCar(2);
    const { reservationId } = await reserve({ carId });
    await rentalBecomes(reservationId, 'ALLOCATED');
    // A hold that nobody vouches for, taken later, is given back: by then the confirmed one would have been as well.
    await carPod.checkUpdateStock({ carId, reservationId: randomUUID() });
    expect(await qtyOf(carId)).toBe(0);
    await qtyBecomes(carId, 1);
    expect(await reservationOf(reservationId)).toMatchObject({ status: 'RESERVED' });
  });

  it('that nobody vouches for is given back after the lease, and cannot be taken for that reservation id again', async () => {
    const { carId } = await registerCar(1);
    const reservationId = randomUUID();
    await carPod.checkUpdateStock({ carId, reservationId });
    expect(await failureOf(reserve({ carId }))).toMatchObject({ reason: 'OUT_OF_STOCK' });
    await qtyBecomes(carId, 1);
    expect(await reservationOf(reservationId)).toMatchObject({ status: 'REJECTED', carId });
    expect(await failureOf(carPod.checkUpdateStock({ carId, reservationId }))).toMatchObject({ code: 'ABORTED', reason: 'HOLD_RELEASED' });
    expect(await qtyOf(carId)).toBe(1);
  });

  it('is refused to a take that arrives after its release', async () => {
    const { carId } = await registerCar(1);
    const reservationId = randomUUID();
    const released = await write(event(StockReleaseRequested, reservationId, { reservationId, carId }));
    await consumed(['rentcar.car'], released);
    expect(await failureOf(carPod.checkUpdateStock({ carId, reservationId }))).toMatchObject({
      code: 'ABORTED',
      reason: 'HOLD_RELEASED',
      domain: 'rentcar.rentmesh',
      metadata: { carId, reservationId },
    });
    expect(await qtyOf(carId)).toBe(1);
  });

  it('of another car is not taken for a reservation id that already holds a car', async () => {
    const [held, other] = [await registerCar(1), await registerCar(1)];
    const { reservationId } = await reserve({ carId: held.carId });
    const failure = await failureOf(carPod.checkUpdateStock({ carId: other.carId, reservationId }));
    expect(failure).toMatchObject({ code: 'ALREADY_EXISTS', reason: 'HOLD_OF_OTHER_CAR' });
    expect(await qtyOf(other.carId)).toBe(1);
  });
});
