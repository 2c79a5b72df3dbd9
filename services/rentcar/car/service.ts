import { setEtag } from '#kit/rpc/call.ts';
import { aborted, alreadyExists, failedPrecondition, notFound } from '#kit/rpc/errors.ts';
import { pageOf } from '#kit/rpc/pagination.ts';
import type { Handlers } from '#kit/rpc/server.ts';
import { failpoint } from '#kit/runtime/failpoints.ts';
import { derivedId, newId } from '#kit/runtime/ids.ts';
import type { CarServiceService } from '#proto/rentcar/car/v1/car.ts';
import { type Refusal, register } from './domain.ts';
import type { CarStore } from './store.ts';

/** The stock is taken; the caller has no answer yet. */
const taken = failpoint('car.taken');

/** Answers the calls of rentcar.car.v1.CarService from the store. */
export function carService(store: CarStore): Handlers<typeof CarServiceService> {
  return {
    async registerCar({ carName, qty }, { idempotencyKey }) {
      const carId = idempotencyKey === undefined ? newId() : derivedId('rentcar.car', idempotencyKey);
      const car = await store.register(register(carId, carName, qty));
      if (car.carName !== carName || car.initialQty !== qty) {
        throw alreadyExists('IDEMPOTENCY_KEY_REUSED', 'this idempotency-key has registered a car with other content', { carId });
      }
      return { car };
    },

    async getCar({ carId }, context) {
      const car = await store.find(carId);
      if (car === undefined) throw carNotFound(carId);
      setEtag(context, car.version);
      return { car };
    },

    async listCars(request, context) {
      const { carName, inStock } = request;
      const page = pageOf(request, context, ['date', 'uuid']);
      const { rows, hasMore } = await store.list({ carName, inStock, after: page.after, limit: page.limit });
      const nextPageToken = page.nextPageToken(rows, ({ createTime, carId }) => [createTime, carId], hasMore);
      return { cars: rows, nextPageToken };
    },

    async checkUpdateStock({ carId, reservationId }, { call }) {
      const stock = await store.take({ carId, reservationId }, call);
      if (stock === undefined) throw carNotFound(carId);
      if (typeof stock === 'string') throw refused(stock, carId, reservationId);
      await taken();
      return { carName: stock.car.carName };
    },
  };
}

function carNotFound(carId: string): Error {
  return notFound('CAR_NOT_FOUND', `there is no car ${carId}`, { carId });
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
