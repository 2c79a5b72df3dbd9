import { describe, expect, it } from 'vitest';
import { CarServiceService, GetCarRequest, RegisterCarRequest } from '#proto/rentcar/car/v1/car.ts';
import { cars, mypages, rentals, reservations } from '../support/doors.ts';
import { eventually } from '../support/eventually.ts';
import { expectInvalid, failureOf } from '../support/failure.ts';
import { channel, unary } from '../support/grpc.ts';
import { edge, podInbound, podService } from '../support/instance.ts';
import { rawCall } from '../support/raw-grpc.ts';
import { mypageBecomes, NO_ID, registerCar, rentalBecomes, reserve, unique } from '../support/rentcar.ts';
import { get, post, rest } from '../support/rest.ts';

const connection = channel(edge.address);
const wish = { carId: NO_ID, userId: 'user', userName: '', reservedDate: '' };

describe('a malformed request is INVALID_ARGUMENT', () => {
  it.each([
    ['a body that is not JSON', () => rest('POST', '/rentcar/cars', '{"carName":')],
    ['a body with a value of another type', () => post('/rentcar/cars', { carName: 'X', qty: 'many' })],
    ['a query parameter that the contract does not have', () => get('/rentcar/cars', { colour: 'red' })],
    ['a query parameter with a value of another type', () => get('/rentcar/cars', { page_size: 'many' })],
    ['a status that the contract does not have', () => get('/rentcar/rentals', { status: 'LOST' })],
  ])('%s', async (_, call) => {
    expect(await failureOf(call())).toMatchObject({
      code: 'INVALID_ARGUMENT',
      httpStatus: 400,
      domain: expect.stringMatching(/^(rentcar\.)?rentmesh$/),
      reason: expect.any(String),
    });
  });

  it.each([
    ['a field of a body that the contract does not have', { carName: 'X', qty: 1, colour: 'red' }, 'colour'],
    ['a field of a body with a value of another type', { carName: 'X', qty: 'many' }, 'qty'],
  ])('%s is named', async (_, body, field) => {
    expectInvalid(await failureOf(post('/rentcar/cars', body)), field);
  });

  it('a message that cannot be decoded', async () => {
    const failure = await failureOf(unary(connection, CarServiceService.getCar.path, Buffer.from([0x0a, 0x7f])));
    expect(failure).toMatchObject({ code: 'INVALID_ARGUMENT', domain: 'rentcar.rentmesh' });
  });

  it.each([
    ['too long', 'x'.repeat(201)],
    ['with a space', 'a b'],
    ['empty', ''],
  ])('an idempotency-key %s', async (what, key) => {
    const car = await registerCar(1);
    const headers = { 'idempotency-key': key };
    const byRest = () => rest('POST', '/rentcar/reservations', { carId: car.carId, userId: unique('user') }, { headers });
    expectInvalid(await failureOf(byRest()), 'idempotency-key');
    // grpc-js does not send an empty value.
    if (what !== 'empty')
      expectInvalid(await failureOf(reservations.reserveCar({ ...wish, carId: car.carId }, { headers })), 'idempotency-key');
  });
});

describe('what does not exist is NOT_FOUND and says what', () => {
  it.each([
    ['a car', 'CAR_NOT_FOUND', { carId: NO_ID }, () => get(`/rentcar/cars/${NO_ID}`), () => cars.getCar({ carId: NO_ID })],
    [
      'the car of a reservation',
      'CAR_NOT_FOUND',
      { carId: NO_ID },
      () => post('/rentcar/reservations', wish),
      () => reservations.reserveCar(wish),
    ],
    [
      'a reservation',
      'RESERVATION_NOT_FOUND',
      { reservationId: NO_ID },
      () => get(`/rentcar/reservations/${NO_ID}`),
      () => reservations.getReservation({ reservationId: NO_ID }),
    ],
    [
      'a reservation to cancel',
      'RESERVATION_NOT_FOUND',
      { reservationId: NO_ID },
      () => post(`/rentcar/reservations/${NO_ID}:cancel`),
      () => reservations.cancelReservation({ reservationId: NO_ID }),
    ],
    [
      'a rental',
      'RENTAL_NOT_FOUND',
      { rentalId: NO_ID },
      () => get(`/rentcar/rentals/${NO_ID}`),
      () => rentals.getRental({ rentalId: NO_ID }),
    ],
    [
      'a rental to complete',
      'RENTAL_NOT_FOUND',
      { rentalId: NO_ID },
      () => post(`/rentcar/rentals/${NO_ID}:complete`),
      () => rentals.completeRental({ rentalId: NO_ID }),
    ],
    [
      'a row of mypage',
      'MYPAGE_NOT_FOUND',
      { reservationId: NO_ID },
      () => get(`/rentcar/mypages/${NO_ID}`),
      () => mypages.getMypage({ reservationId: NO_ID }),
    ],
  ])('%s', async (_, reason, metadata, byRest, byGrpc) => {
    const expected = { code: 'NOT_FOUND', reason, domain: 'rentcar.rentmesh', metadata };
    expect(await failureOf(byRest())).toMatchObject({ ...expected, httpStatus: 404 });
    expect(await failureOf(byGrpc())).toMatchObject(expected);
  });
});

describe('what the state of things does not allow is FAILED_PRECONDITION and says why', () => {
  it('a reservation of a car that is out of stock', async () => {
    const { carId } = await registerCar(1);
    await reserve({ carId });
    const expected = { code: 'FAILED_PRECONDITION', reason: 'OUT_OF_STOCK', domain: 'rentcar.rentmesh', metadata: { carId } };
    expect(await failureOf(reserve({ carId }))).toMatchObject({ ...expected, httpStatus: 400 });
    expect(await failureOf(reservations.reserveCar({ ...wish, carId }))).toMatchObject(expected);
    expect(await get(`/rentcar/cars/${carId}`)).toMatchObject({ qty: 0 });
    const stored = await get('/rentcar/reservations', { car_id: carId });
    expect(stored, 'a refused reservation is not stored').toMatchObject({ reservations: [{ status: 'RESERVED' }] });
  });

  it('cancelling a completed reservation', async () => {
    const { carId } = await registerCar(1);
    const { reservationId } = await reserve({ carId });
    const { rentalId } = await rentalBecomes(reservationId, 'ALLOCATED');
    await post(`/rentcar/rentals/${rentalId}:complete`);
    await mypageBecomes(reservationId, 'COMPLETED');
    const cancel = async () => failureOf(post(`/rentcar/reservations/${reservationId}:cancel`));
    // mypage may have heard of it before the reservation: until then it can be cancelled, which the completion outweighs.
    await eventually('the reservation is completed', async () =>
      expect(await get(`/rentcar/reservations/${reservationId}`)).toMatchObject({ status: 'COMPLETED' }),
    );
    expect(await cancel()).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'NOT_CANCELLABLE', metadata: { reservationId } });
  });

  it('completing a cancelled rental', async () => {
    const { carId } = await registerCar(1);
    const { reservationId } = await reserve({ carId });
    await post(`/rentcar/reservations/${reservationId}:cancel`);
    const { rentalId } = await rentalBecomes(reservationId, 'CANCELLED');
    expect(await failureOf(post(`/rentcar/rentals/${rentalId}:complete`))).toMatchObject({
      code: 'FAILED_PRECONDITION',
      reason: 'NOT_ALLOCATED',
      metadata: { rentalId },
      httpStatus: 400,
    });
  });
});

describe('the edge answers for itself as the services do', () => {
  it('an unknown path is NOT_FOUND', async () => {
    const expected = { code: 'NOT_FOUND', httpStatus: 404, reason: 'METHOD_NOT_FOUND', domain: 'rentmesh' };
    expect(await failureOf(get('/nothing/here'))).toMatchObject(expected);
  });

  it('a method that a path does not have is not offered', async () => {
    expect(await failureOf(rest('POST', `/rentcar/mypages/${NO_ID}`, {}))).toMatchObject({ httpStatus: 404, domain: 'rentmesh' });
  });

  it('a body that is too large is refused in the form of google.rpc.Status', async () => {
    const failure = await failureOf(post('/rentcar/cars', { carName: 'x'.repeat(2_000_000), qty: 1 }));
    expect(failure).toMatchObject({ httpStatus: 413, code: 'RESOURCE_EXHAUSTED', reason: 'REQUEST_TOO_LARGE', domain: 'rentmesh' });
  });

  it('the stock check is not offered, neither as REST nor as gRPC', async () => {
    const path = CarServiceService.checkUpdateStock.path;
    const { carId } = await registerCar(1);
    const request = { carId, reservationId: NO_ID };
    const byConnect = await fetch(`${edge.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
    });
    expect(byConnect.status).toBe(404);
    expect(await byConnect.json()).toMatchObject({ code: 'unimplemented' });
    const bytes = CarServiceService.checkUpdateStock.requestSerialize(request);
    expect(await failureOf(unary(connection, path, bytes))).toMatchObject({ code: 'UNIMPLEMENTED' });
    expect(await get(`/rentcar/cars/${carId}`)).toMatchObject({ qty: 1 });
  });
});

describe('an error is a Trailers-Only answer, so that Envoy reads its status', () => {
  const failing = {
    NOT_FOUND: GetCarRequest.encode({ carId: NO_ID }).finish(),
    INVALID_ARGUMENT: GetCarRequest.encode({ carId: '1' }).finish(),
  };
  it.each([
    ['the service itself', podService('rentcar/car-1'), {}],
    ['its sidecar', podInbound('rentcar/car-1'), { ':authority': 'car.rentcar.svc.cluster.local:50051' }],
    ['the edge', edge.address, {}],
  ])('from %s', async (_, address, headers) => {
    for (const [request, code] of [
      [failing.NOT_FOUND, '5'],
      [failing.INVALID_ARGUMENT, '3'],
    ] as const) {
      const answer = await rawCall(address, CarServiceService.getCar.path, request, headers);
      expect(answer.headers).toMatchObject({ ':status': 200, 'grpc-status': code, 'grpc-status-details-bin': expect.any(String) });
      expect(answer.trailersOnly).toBe(true);
    }
  });

  it('while a success has its status in the trailers', async () => {
    const request = RegisterCarRequest.encode({ carName: 'RAW', qty: 1 }).finish();
    const answer = await rawCall(edge.address, CarServiceService.registerCar.path, request);
    expect(answer.trailersOnly).toBe(false);
    expect(answer.trailers).toMatchObject({ 'grpc-status': '0' });
  });
});
