import type { Store } from '#kit/postgres/store.ts';
import { aborted, alreadyExists, failedPrecondition } from '#kit/rpc/errors.ts';
import { createOnce, entityNotFound, get, list } from '#kit/rpc/resource.ts';
import type { Handlers } from '#kit/rpc/server.ts';
import { failpoint } from '#kit/runtime/failpoints.ts';
import type { CarServiceService } from '#proto/rentcar/car/v1/car.ts';
import { type Refusal, register } from './domain.ts';
import { type CarStore, carTable } from './store.ts';

/** The stock is taken; the caller has no answer yet. */
const taken = failpoint('car.taken');

/** Answers the calls of rentcar.car.v1.CarService. */
export function carService(cars: Store<typeof carTable>, store: CarStore): Handlers<typeof CarServiceService> {
  return {
    registerCar: async (request, context) => ({
      car: await createOnce(cars, context, { create: (carId) => register(carId, request) }),
    }),
    getCar: async ({ carId }, context) => ({ car: await get(cars, carId, context) }),
    listCars: (request, context) => list(cars, request, context),

    async checkUpdateStock({ carId, reservationId }, { call }) {
      const stock = await store.take({ carId, reservationId }, call);
      if (stock === undefined) throw entityNotFound(carTable, carId);
      if (typeof stock === 'string') throw refused(stock, carId, reservationId);
      await taken();
      return { carName: stock.car.carName };
    },
  };
}

function refused(refusal: Refusal, carId: string, reservationId: string): Error {
  switch (refusal) {
    case 'OUT_OF_STOCK':
      return failedPrecondition(refusal, `car ${carId} is out of stock`, { carId });
    case 'HOLD_RELEASED':
      return aborted(refusal, `the stock for reservation ${reservationId} was given back before`, { carId, reservationId });
    case 'HOLD_OF_OTHER_CAR':
      return alreadyExists(refusal, `reservation ${reservationId} holds another car`, { carId, reservationId });
  }
}
