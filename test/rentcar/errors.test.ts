import { readFileSync } from 'node:fs';
import { createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from 'vitest';
import { CarServiceService, GetCarRequest, RegisterCarRequest } from '#proto/rentcar/car/v1/car.ts';
import { cars, mypages, rentals, reservations } from '../support/doors.ts';
import { type Failure, failureOf } from '../support/failure.ts';
import { channel, client, unary } from '../support/grpc.ts';
import { edge, podInbound, podService } from '../support/instance.ts';
import { rawCall } from '../support/raw-grpc.ts';
import { mypageBecomes, registerCar, rentalBecomes, reserve, unique } from '../support/rentcar.ts';
import { type RequestOptions, rest } from '../support/rest.ts';

const UNKNOWN = '019f0000-0000-7000-8000-000000000000';
const LONG = 'x'.repeat(101);
const LONG_TOKEN = 'x'.repeat(201);
/** A number that no status has. */
const NO_STATUS = 99 as 0;

const connection = channel(edge.address);

type Call = () => Promise<unknown>;

/** One broken rule: by whom it is declared, how it is broken through both doors, and the field that the answer names. */
interface Violation {
  /** The request message and its field, as the proto declares them. */
  readonly rule: string;
  /** The field as the answer names it. */
  readonly field: string;
  readonly what: string;
  readonly grpc: Call;
  readonly rest?: Call;
}

const get = (path: string, query: RequestOptions['query'] = {}) => rest('GET', path, undefined, { query });
const post = (path: string, body: object = {}) => rest('POST', path, body);
const wish = { carId: UNKNOWN, userId: 'user', userName: '', reservedDate: '' };
const carPod = client(channel(podService('car-1')), CarServiceService);

const violations: readonly Violation[] = [
  {
    rule: 'RegisterCarRequest.car_name',
    field: 'carName',
    what: 'empty',
    grpc: () => cars.registerCar({ qty: 1 }),
    rest: () => post('/cars', { qty: 1 }),
  },
  {
    rule: 'RegisterCarRequest.car_name',
    field: 'carName',
    what: 'too long',
    grpc: () => cars.registerCar({ carName: LONG }),
    rest: () => post('/cars', { carName: LONG }),
  },
  {
    rule: 'RegisterCarRequest.qty',
    field: 'qty',
    what: 'negative',
    grpc: () => cars.registerCar({ carName: 'X', qty: -1 }),
    rest: () => post('/cars', { carName: 'X', qty: -1 }),
  },
  {
    rule: 'RegisterCarRequest.qty',
    field: 'qty',
    what: 'too large',
    grpc: () => cars.registerCar({ carName: 'X', qty: 1_000_001 }),
    rest: () => post('/cars', { carName: 'X', qty: 1_000_001 }),
  },
  { rule: 'GetCarRequest.car_id', field: 'carId', what: 'no UUID', grpc: () => cars.getCar({ carId: '1' }), rest: () => get('/cars/1') },
  {
    rule: 'ListCarsRequest.car_name',
    field: 'carName',
    what: 'too long',
    grpc: () => cars.listCars({ carName: LONG }),
    rest: () => get('/cars', { car_name: LONG }),
  },
  {
    rule: 'CheckUpdateStockRequest.car_id',
    field: 'carId',
    what: 'no UUID',
    grpc: () => carPod.checkUpdateStock({ carId: '1', reservationId: UNKNOWN }),
  },
  {
    rule: 'CheckUpdateStockRequest.reservation_id',
    field: 'reservationId',
    what: 'no UUID',
    grpc: () => carPod.checkUpdateStock({ carId: UNKNOWN, reservationId: '1' }),
  },
  {
    rule: 'ReserveCarRequest.car_id',
    field: 'carId',
    what: 'no UUID',
    grpc: () => reservations.reserveCar({ ...wish, carId: '1' }),
    rest: () => post('/reservations', { ...wish, carId: '1' }),
  },
  {
    rule: 'ReserveCarRequest.user_id',
    field: 'userId',
    what: 'empty',
    grpc: () => reservations.reserveCar({ ...wish, userId: '' }),
    rest: () => post('/reservations', { ...wish, userId: '' }),
  },
  {
    rule: 'ReserveCarRequest.user_id',
    field: 'userId',
    what: 'too long',
    grpc: () => reservations.reserveCar({ ...wish, userId: LONG }),
    rest: () => post('/reservations', { ...wish, userId: LONG }),
  },
  {
    rule: 'ReserveCarRequest.user_name',
    field: 'userName',
    what: 'too long',
    grpc: () => reservations.reserveCar({ ...wish, userName: LONG }),
    rest: () => post('/reservations', { ...wish, userName: LONG }),
  },
  ...['tomorrow', '2026-02-30', '2026-13-01', '26-01-01', '2026-1-1'].map((reservedDate) => ({
    rule: 'ReserveCarRequest.reserved_date',
    field: 'reservedDate',
    what: reservedDate,
    grpc: () => reservations.reserveCar({ ...wish, reservedDate }),
    rest: () => post('/reservations', { ...wish, reservedDate }),
  })),
  {
    rule: 'GetReservationRequest.reservation_id',
    field: 'reservationId',
    what: 'no UUID',
    grpc: () => reservations.getReservation({ reservationId: '1' }),
    rest: () => get('/reservations/1'),
  },
  {
    rule: 'CancelReservationRequest.reservation_id',
    field: 'reservationId',
    what: 'no UUID',
    grpc: () => reservations.cancelReservation({ reservationId: '1' }),
    rest: () => post('/reservations/1:cancel'),
  },
  {
    rule: 'ListReservationsRequest.user_id',
    field: 'userId',
    what: 'too long',
    grpc: () => reservations.listReservations({ userId: LONG }),
    rest: () => get('/reservations', { user_id: LONG }),
  },
  {
    rule: 'ListReservationsRequest.car_id',
    field: 'carId',
    what: 'no UUID',
    grpc: () => reservations.listReservations({ carId: '1' }),
    rest: () => get('/reservations', { car_id: '1' }),
  },
  {
    rule: 'ListReservationsRequest.status',
    field: 'status',
    what: 'not declared',
    grpc: () => reservations.listReservations({ status: NO_STATUS }),
  },
  {
    rule: 'GetRentalRequest.rental_id',
    field: 'rentalId',
    what: 'no UUID',
    grpc: () => rentals.getRental({ rentalId: '1' }),
    rest: () => get('/rentals/1'),
  },
  {
    rule: 'CompleteRentalRequest.rental_id',
    field: 'rentalId',
    what: 'no UUID',
    grpc: () => rentals.completeRental({ rentalId: '1' }),
    rest: () => post('/rentals/1:complete'),
  },
  {
    rule: 'ListRentalsRequest.reservation_id',
    field: 'reservationId',
    what: 'no UUID',
    grpc: () => rentals.listRentals({ reservationId: '1' }),
    rest: () => get('/rentals', { reservation_id: '1' }),
  },
  {
    rule: 'ListRentalsRequest.user_id',
    field: 'userId',
    what: 'too long',
    grpc: () => rentals.listRentals({ userId: LONG }),
    rest: () => get('/rentals', { user_id: LONG }),
  },
  { rule: 'ListRentalsRequest.status', field: 'status', what: 'not declared', grpc: () => rentals.listRentals({ status: NO_STATUS }) },
  {
    rule: 'GetMypageRequest.reservation_id',
    field: 'reservationId',
    what: 'no UUID',
    grpc: () => mypages.getMypage({ reservationId: '1' }),
    rest: () => get('/mypages/1'),
  },
  {
    rule: 'ListMypagesRequest.user_id',
    field: 'userId',
    what: 'too long',
    grpc: () => mypages.listMypages({ userId: LONG }),
    rest: () => get('/mypages', { user_id: LONG }),
  },
  { rule: 'ListMypagesRequest.status', field: 'status', what: 'not declared', grpc: () => mypages.listMypages({ status: NO_STATUS }) },
  ...(
    [
      ['ListCarsRequest', '/cars', cars.listCars],
      ['ListReservationsRequest', '/reservations', reservations.listReservations],
      ['ListRentalsRequest', '/rentals', rentals.listRentals],
      ['ListMypagesRequest', '/mypages', mypages.listMypages],
    ] as const
  ).flatMap(([request, path, list]) => [
    ...[-1, 101].map((pageSize) => ({
      rule: `${request}.page_size`,
      field: 'pageSize',
      what: String(pageSize),
      grpc: () => list({ pageSize }),
      rest: () => get(path, { page_size: pageSize }),
    })),
    ...[LONG_TOKEN, 'nonsense', Buffer.from('["a"]').toString('base64url')].map((pageToken) => ({
      rule: `${request}.page_token`,
      field: 'pageToken',
      what: pageToken,
      grpc: () => list({ pageToken }),
      rest: () => get(path, { page_token: pageToken }),
    })),
  ]),
];

function expectInvalid(failure: Failure, field: string): void {
  expect(failure).toMatchObject({ code: 'INVALID_ARGUMENT', reason: 'INVALID_FIELD', domain: 'rentmesh', fields: [field] });
}

describe('a request that breaks a rule of its proto is INVALID_ARGUMENT and names the field', () => {
  it.each(violations)('gRPC: $rule $what', async ({ grpc, field }) => {
    expectInvalid(await failureOf(grpc()), field);
  });

  it.each(violations.filter((violation) => violation.rest !== undefined))('REST: $rule $what', async (violation) => {
    const failure = await failureOf(violation.rest?.() ?? Promise.resolve());
    expectInvalid(failure, violation.field);
    expect(failure.httpStatus).toBe(400);
  });

  it('every rule that a proto declares for a request is broken by one of these tests', () => {
    expect([...new Set(violations.map(({ rule }) => rule))].toSorted()).toEqual(declaredRules().toSorted());
  });

  it('all fields that are wrong are named at once', async () => {
    const failure = await failureOf(post('/cars', { carName: '', qty: -1 }));
    expect(failure.fields.toSorted()).toEqual(['carName', 'qty']);
  });
});

/** Fields with protovalidate rules of all requests of rent-a-car's services: Message.field. */
function declaredRules(): string[] {
  /** The number of the field option buf.validate.field. */
  const FIELD_RULES = 1159;
  const image = readFileSync(new URL('../../gen/image.binpb', import.meta.url));
  const rules = new Set<string>();
  for (const file of createFileRegistry(fromBinary(FileDescriptorSetSchema, image)).files) {
    const services = file.proto.package.startsWith('rentcar.') ? file.services : [];
    for (const { input } of services.flatMap(({ methods }) => methods)) {
      for (const field of input.fields) {
        if (field.proto.options?.$unknown?.some(({ no }) => no === FIELD_RULES)) rules.add(`${input.name}.${field.name}`);
      }
    }
  }
  return [...rules];
}

describe('a malformed request is INVALID_ARGUMENT', () => {
  it.each([
    ['a body that is not JSON', () => rest('POST', '/cars', '{"carName":')],
    ['a body with a value of another type', () => post('/cars', { carName: 'X', qty: 'many' })],
    ['a query parameter that the contract does not have', () => get('/cars', { colour: 'red' })],
    ['a query parameter with a value of another type', () => get('/cars', { page_size: 'many' })],
    ['a status that the contract does not have', () => get('/rentals', { status: 'LOST' })],
  ])('%s', async (_, call) => {
    expect(await failureOf(call())).toMatchObject({
      code: 'INVALID_ARGUMENT',
      httpStatus: 400,
      domain: 'rentmesh',
      reason: expect.any(String),
    });
  });

  // Envoy's transcoder has no option to refuse it (envoyproxy/envoy#46623).
  it('but a field of a body that the contract does not have is left out, as binary protobuf leaves it out', async () => {
    expect(await post('/cars', { carName: 'X', qty: 1, colour: 'red' })).toEqual({ carId: expect.any(String), carName: 'X', qty: 1 });
  });

  it('a message that cannot be decoded', async () => {
    const failure = await failureOf(unary(connection, CarServiceService.getCar.path, Buffer.from([0x0a, 0x7f])));
    expect(failure).toMatchObject({ code: 'INVALID_ARGUMENT', domain: 'rentmesh' });
  });

  it.each([
    ['too long', 'x'.repeat(201)],
    ['with a space', 'a b'],
    ['empty', ''],
  ])('an idempotency-key %s', async (what, key) => {
    const car = await registerCar(1);
    const headers = { 'idempotency-key': key };
    const byRest = () => rest('POST', '/reservations', { carId: car.carId, userId: unique('user') }, { headers });
    expectInvalid(await failureOf(byRest()), 'idempotency-key');
    // grpc-js does not send an empty value.
    if (what !== 'empty')
      expectInvalid(await failureOf(reservations.reserveCar({ ...wish, carId: car.carId }, { headers })), 'idempotency-key');
  });
});

describe('what does not exist is NOT_FOUND and says what', () => {
  it.each([
    ['a car', 'CAR_NOT_FOUND', { carId: UNKNOWN }, () => get(`/cars/${UNKNOWN}`), () => cars.getCar({ carId: UNKNOWN })],
    [
      'the car of a reservation',
      'CAR_NOT_FOUND',
      { carId: UNKNOWN },
      () => post('/reservations', wish),
      () => reservations.reserveCar(wish),
    ],
    [
      'a reservation',
      'RESERVATION_NOT_FOUND',
      { reservationId: UNKNOWN },
      () => get(`/reservations/${UNKNOWN}`),
      () => reservations.getReservation({ reservationId: UNKNOWN }),
    ],
    [
      'a reservation to cancel',
      'RESERVATION_NOT_FOUND',
      { reservationId: UNKNOWN },
      () => post(`/reservations/${UNKNOWN}:cancel`),
      () => reservations.cancelReservation({ reservationId: UNKNOWN }),
    ],
    [
      'a rental',
      'RENTAL_NOT_FOUND',
      { rentalId: UNKNOWN },
      () => get(`/rentals/${UNKNOWN}`),
      () => rentals.getRental({ rentalId: UNKNOWN }),
    ],
    [
      'a rental to complete',
      'RENTAL_NOT_FOUND',
      { rentalId: UNKNOWN },
      () => post(`/rentals/${UNKNOWN}:complete`),
      () => rentals.completeRental({ rentalId: UNKNOWN }),
    ],
    [
      'a row of mypage',
      'MYPAGE_NOT_FOUND',
      { reservationId: UNKNOWN },
      () => get(`/mypages/${UNKNOWN}`),
      () => mypages.getMypage({ reservationId: UNKNOWN }),
    ],
  ])('%s', async (_, reason, metadata, byRest, byGrpc) => {
    const expected = { code: 'NOT_FOUND', reason, domain: 'rentmesh', metadata };
    expect(await failureOf(byRest())).toMatchObject({ ...expected, httpStatus: 404 });
    expect(await failureOf(byGrpc())).toMatchObject(expected);
  });
});

describe('what the state of things does not allow is FAILED_PRECONDITION and says why', () => {
  it('a reservation of a car that is out of stock', async () => {
    const { carId } = await registerCar(1);
    await reserve({ carId });
    const expected = { code: 'FAILED_PRECONDITION', reason: 'OUT_OF_STOCK', domain: 'rentmesh', metadata: { carId } };
    expect(await failureOf(reserve({ carId }))).toMatchObject({ ...expected, httpStatus: 400 });
    expect(await failureOf(reservations.reserveCar({ ...wish, carId }))).toMatchObject(expected);
    expect(await get(`/cars/${carId}`)).toMatchObject({ qty: 0 });
    const stored = await get('/reservations', { car_id: carId });
    expect(stored, 'a refused reservation is not stored').toMatchObject({ reservations: [{ status: 'RESERVED' }] });
  });

  it('cancelling a completed reservation', async () => {
    const { carId } = await registerCar(1);
    const { reservationId } = await reserve({ carId });
    const { rentalId } = await rentalBecomes(reservationId, 'ALLOCATED');
    await post(`/rentals/${rentalId}:complete`);
    await mypageBecomes(reservationId, 'COMPLETED');
    const cancel = async () => failureOf(post(`/reservations/${reservationId}:cancel`));
    // mypage may have heard of it before the reservation: until then it can be cancelled, which the completion outweighs.
    await expect.poll(async () => get(`/reservations/${reservationId}`)).toMatchObject({ status: 'COMPLETED' });
    expect(await cancel()).toMatchObject({ code: 'FAILED_PRECONDITION', reason: 'NOT_CANCELLABLE', metadata: { reservationId } });
  });

  it('completing a cancelled rental', async () => {
    const { carId } = await registerCar(1);
    const { reservationId } = await reserve({ carId });
    await post(`/reservations/${reservationId}:cancel`);
    const { rentalId } = await rentalBecomes(reservationId, 'CANCELLED');
    expect(await failureOf(post(`/rentals/${rentalId}:complete`))).toMatchObject({
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
    expect(await failureOf(rest('POST', `/mypages/${UNKNOWN}`, {}))).toMatchObject({ httpStatus: 404, domain: 'rentmesh' });
  });

  it('a body that is too large is refused in the form of google.rpc.Status', async () => {
    const failure = await failureOf(post('/cars', { carName: 'x'.repeat(2_000_000), qty: 1 }));
    expect(failure).toMatchObject({ httpStatus: 413, code: 'RESOURCE_EXHAUSTED', reason: 'REQUEST_TOO_LARGE', domain: 'rentmesh' });
  });

  it('the stock check is not offered, neither as REST nor as gRPC', async () => {
    const path = CarServiceService.checkUpdateStock.path;
    const { carId } = await registerCar(1);
    const request = { carId, reservationId: UNKNOWN };
    expect((await failureOf(post(path, request))).httpStatus).toBe(404);
    const bytes = CarServiceService.checkUpdateStock.requestSerialize(request);
    expect(await failureOf(unary(connection, path, bytes))).toMatchObject({ code: 'UNIMPLEMENTED' });
    expect(await get(`/cars/${carId}`)).toMatchObject({ qty: 1 });
  });
});

describe('an error is a Trailers-Only answer, so that Envoy reads its status', () => {
  const failing = {
    NOT_FOUND: GetCarRequest.encode({ carId: UNKNOWN }).finish(),
    INVALID_ARGUMENT: GetCarRequest.encode({ carId: '1' }).finish(),
  };
  it.each([
    ['the service itself', podService('car-1'), {}],
    ['its sidecar', podInbound('car-1'), { ':authority': 'car.rentcar.svc.cluster.local:50051' }],
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
