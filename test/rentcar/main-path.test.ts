import { describe, expect, it } from 'vitest';
import { type Door, door } from '../support/doors.ts';
import { eventually } from '../support/eventually.ts';
import { unique } from '../support/rentcar.ts';

const ID = expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);

describe.each(['REST', 'gRPC'] as const)('through %s', (name) => {
  const at: Door = door(name);

  async function reserved() {
    const car = await at.registerCar({ carName: 'SONATA', qty: 10 });
    const wish = { carId: car.carId, userId: unique('user'), userName: 'Ada', reservedDate: '2026-12-24' };
    const reservation = await at.reserveCar(wish);
    return { car, wish, reservation };
  }

  async function allocated(reservationId: string) {
    return await eventually(`the car for ${reservationId} is allocated`, async () => {
      const rentals = await at.listRentals({ reservationId });
      expect(rentals).toHaveLength(1);
      expect(rentals[0]).toMatchObject({ reservationId, status: 'ALLOCATED' });
      // As the assertions above have found it.
      return rentals[0] as (typeof rentals)[number];
    });
  }

  it('a registered car has an id, its name and its quantity, and can be read', async () => {
    const car = await at.registerCar({ carName: 'SONATA', qty: 10 });
    expect(car).toEqual({ carId: ID, carName: 'SONATA', qty: 10 });
    expect(await at.getCar(car.carId)).toEqual(car);
  });

  it('a car can be registered with nothing in stock', async () => {
    const car = await at.registerCar({ carName: 'EMPTY', qty: 0 });
    expect(await at.getCar(car.carId)).toEqual({ carId: ID, carName: 'EMPTY', qty: 0 });
  });

  it('a reservation takes one from stock at once, a car is allocated and mypage shows it', async () => {
    const { car, wish, reservation } = await reserved();
    expect(reservation).toEqual({ ...wish, reservationId: ID, carName: 'SONATA', status: 'RESERVED', createTime: TIME, updateTime: TIME });
    expect((await at.getCar(car.carId)).qty).toBe(9);
    expect(await at.getReservation(reservation.reservationId)).toEqual(reservation);

    const { reservationId } = reservation;
    const rental = await allocated(reservationId);
    const { carId, userId } = wish;
    expect(rental).toEqual({ rentalId: ID, reservationId, carId, userId, status: 'ALLOCATED', createTime: TIME, updateTime: TIME });
    expect(await at.getRental(rental.rentalId)).toEqual(rental);

    await eventually('mypage shows the allocation', async () => {
      expect(await at.getMypage(reservationId)).toEqual({
        ...wish,
        reservationId,
        carName: 'SONATA',
        status: 'ALLOCATED',
        updateTime: TIME,
      });
    });
    expect((await at.getCar(car.carId)).qty).toBe(9);
  });

  it('a cancelled reservation cancels the allocation, restores the stock and shows on mypage', async () => {
    const { car, reservation } = await reserved();
    const { reservationId } = reservation;
    const { rentalId } = await allocated(reservationId);

    const cancelled = await at.cancelReservation(reservationId);
    expect(cancelled).toEqual({ ...reservation, status: 'CANCELLED', updateTime: TIME });
    await eventually('everybody has heard of the cancellation', async () => {
      expect(await at.getRental(rentalId)).toMatchObject({ status: 'CANCELLED' });
      expect(await at.getMypage(reservationId)).toMatchObject({ status: 'CANCELLED' });
      expect(await at.getCar(car.carId)).toEqual(car);
    });
    expect(await at.cancelReservation(reservationId), 'cancelling again changes nothing').toEqual(cancelled);
  });

  it('a reservation that is cancelled before its allocation leaves nothing allocated', async () => {
    const { car, reservation } = await reserved();
    const { reservationId } = reservation;
    await at.cancelReservation(reservationId);
    await eventually('the stock is restored and nothing is allocated', async () => {
      expect(await at.getCar(car.carId)).toEqual(car);
      expect(await at.listRentals({ reservationId })).toEqual([expect.objectContaining({ status: 'CANCELLED' })]);
      expect(await at.getMypage(reservationId)).toMatchObject({ status: 'CANCELLED' });
    });
  });

  it('a completed rental completes the reservation, restores the stock and shows on mypage', async () => {
    const { car, reservation } = await reserved();
    const { reservationId } = reservation;
    const rental = await allocated(reservationId);

    const completed = await at.completeRental(rental.rentalId);
    expect(completed).toEqual({ ...rental, status: 'COMPLETED', updateTime: TIME });
    await eventually('everybody has heard of the completion', async () => {
      expect(await at.getReservation(reservationId)).toMatchObject({ status: 'COMPLETED' });
      expect(await at.getMypage(reservationId)).toMatchObject({ status: 'COMPLETED' });
      expect(await at.getCar(car.carId)).toEqual(car);
    });
    expect(await at.completeRental(rental.rentalId), 'completing again changes nothing').toEqual(completed);
  });
});
