import type { Store } from '#kit/postgres/store.ts';
import { createOnce, get, list } from '#kit/rpc/resource.ts';
import type { Handlers } from '#kit/rpc/server.ts';
import type { CarServiceService } from '#proto/rentcar/car/v1/car.ts';
import { register } from './domain.ts';
import { type Holds, refused } from './holds.ts';
import type { carTable } from './store.ts';

/** Answers the calls of rentcar.car.v1.CarService. */
export function carService(cars: Store<typeof carTable>, holds: Holds): Handlers<typeof CarServiceService> {
  return {
    registerCar: async (request, context) => ({
      car: await createOnce(cars, context, { create: (carId) => register(carId, request) }),
    }),
    getCar: async ({ carId }, context) => ({ car: await get(cars, carId, context) }),
    listCars: (request, context) => list(cars, request, context),

    async checkUpdateStock(request, { call }) {
      const car = await holds.apply(request, call);
      if (typeof car === 'string') throw refused(car, request);
      return { carName: car.carName };
    },
  };
}
