import { describe, expect, it } from 'vitest';
import { cars, mypages, rentals, reservations } from '../support/doors.ts';
import { mypageBecomes, type Rental, type Reservation, registerCar, rentalBecomes, unique } from '../support/rentcar.ts';
import { get, listAll, post, rest } from '../support/rest.ts';

const upper = (id: string) => id.toUpperCase();

describe('a UUID in upper case is the one in lower case', () => {
  it('when a car is reserved, and repeated under a key', async () => {
    const { carId } = await registerCar(2);
    const userId = unique('user');
    const headers = { 'idempotency-key': unique('key') };
    const reserve = (id: string) => rest<Reservation>('POST', '/rentcar/reservations', { carId: id, userId }, { headers });
    const first = await reserve(upper(carId));
    expect(first).toMatchObject({ carId, status: 'RESERVED' });
    expect(await reserve(carId)).toMatchObject({ reservationId: first.reservationId });
    const { reservation } = await reservations.reserveCar({ carId: upper(carId), userId }, { headers });
    expect(reservation?.reservationId).toBe(first.reservationId);
    expect(await cars.getCar({ carId: upper(carId) })).toMatchObject({ car: { carId, qty: 1 } });
  });

  it('wherever a reservation is looked for, listed or changed', async () => {
    const { carId } = await registerCar(1);
    const { reservationId } = await rest<Reservation>('POST', '/rentcar/reservations', { carId: upper(carId), userId: unique('user') });
    const { rentalId } = await rentalBecomes(reservationId, 'ALLOCATED');
    await mypageBecomes(reservationId, 'ALLOCATED');
    expect(await get(`/rentcar/mypages/${upper(reservationId)}`)).toMatchObject({ reservationId, carId });
    expect(await mypages.getMypage({ reservationId: upper(reservationId) })).toMatchObject({ mypage: { reservationId } });
    expect(await get(`/rentcar/reservations/${upper(reservationId)}`)).toMatchObject({ reservationId });
    expect(await rentals.getRental({ rentalId: upper(rentalId) })).toMatchObject({ rental: { rentalId } });
    expect(await listAll<Reservation>('/rentcar/reservations', 'reservations', { car_id: upper(carId) })).toMatchObject([
      { reservationId },
    ]);
    expect(await listAll<Rental>('/rentcar/rentals', 'rentals', { reservation_id: upper(reservationId) })).toMatchObject([{ rentalId }]);
    expect(await post(`/rentcar/reservations/${upper(reservationId)}:cancel`)).toMatchObject({ reservationId, status: 'CANCELLED' });
  });
});
