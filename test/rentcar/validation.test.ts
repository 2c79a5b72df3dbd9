import { readFileSync } from 'node:fs';
import { createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from 'vitest';
import { CarServiceService } from '#proto/rentcar/car/v1/car.ts';
import { cars, mypages, rentals, reservations } from '../support/doors.ts';
import { expectInvalid, failureOf } from '../support/failure.ts';
import { channel, client } from '../support/grpc.ts';
import { podService } from '../support/instance.ts';
import { NO_ID } from '../support/rentcar.ts';
import { get, post } from '../support/rest.ts';

const LONG = 'x'.repeat(101);
const LONG_TOKEN = 'x'.repeat(201);
/** A number that no status has. */
const NO_STATUS = 99 as 0;

type Call = () => Promise<unknown>;

/** One broken rule, through both doors. */
interface Violation {
  /** The request message and its field, as the proto declares them. */
  readonly rule: string;
  /** The field as JSON and the answer name it. */
  readonly field: string;
  readonly what: string;
  readonly grpc: Call;
  readonly rest: Call | undefined;
}

/** A rule that is broken by a gRPC call and, where REST can say the same, a REST call. */
function broken(rule: string, what: string, grpc: Call, byRest?: Call): Violation {
  const [, name = ''] = rule.split('.');
  const field = name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return { rule, field, what, grpc, rest: byRest };
}

const wish = { carId: NO_ID, userId: 'user', userName: '', reservedDate: '' };
const carPod = client(channel(podService('rentcar/car-1')), CarServiceService);

const violations: readonly Violation[] = [
  broken(
    'RegisterCarRequest.car_name',
    'empty',
    () => cars.registerCar({ qty: 1 }),
    () => post('/rentcar/cars', { qty: 1 }),
  ),
  broken(
    'RegisterCarRequest.car_name',
    'too long',
    () => cars.registerCar({ carName: LONG }),
    () => post('/rentcar/cars', { carName: LONG }),
  ),
  broken(
    'RegisterCarRequest.qty',
    'negative',
    () => cars.registerCar({ carName: 'X', qty: -1 }),
    () => post('/rentcar/cars', { carName: 'X', qty: -1 }),
  ),
  broken(
    'RegisterCarRequest.qty',
    'too large',
    () => cars.registerCar({ carName: 'X', qty: 1_000_001 }),
    () => post('/rentcar/cars', { carName: 'X', qty: 1_000_001 }),
  ),
  broken(
    'GetCarRequest.car_id',
    'no UUID',
    () => cars.getCar({ carId: '1' }),
    () => get('/rentcar/cars/1'),
  ),
  broken(
    'ListCarsRequest.car_name',
    'too long',
    () => cars.listCars({ carName: LONG }),
    () => get('/rentcar/cars', { car_name: LONG }),
  ),
  broken('CheckUpdateStockRequest.car_id', 'no UUID', () => carPod.checkUpdateStock({ carId: '1', reservationId: NO_ID })),
  broken('CheckUpdateStockRequest.reservation_id', 'no UUID', () => carPod.checkUpdateStock({ carId: NO_ID, reservationId: '1' })),
  broken(
    'ReserveCarRequest.car_id',
    'no UUID',
    () => reservations.reserveCar({ ...wish, carId: '1' }),
    () => post('/rentcar/reservations', { ...wish, carId: '1' }),
  ),
  broken(
    'ReserveCarRequest.user_id',
    'empty',
    () => reservations.reserveCar({ ...wish, userId: '' }),
    () => post('/rentcar/reservations', { ...wish, userId: '' }),
  ),
  broken(
    'ReserveCarRequest.user_id',
    'too long',
    () => reservations.reserveCar({ ...wish, userId: LONG }),
    () => post('/rentcar/reservations', { ...wish, userId: LONG }),
  ),
  broken(
    'ReserveCarRequest.user_name',
    'too long',
    () => reservations.reserveCar({ ...wish, userName: LONG }),
    () => post('/rentcar/reservations', { ...wish, userName: LONG }),
  ),
  broken(
    'ReserveCarRequest.user_name',
    'with U+0000',
    () => reservations.reserveCar({ ...wish, userName: 'a\0b' }),
    () => post('/rentcar/reservations', { ...wish, userName: 'a\0b' }),
  ),
  ...[
    'tomorrow',
    '2026-02-29',
    '2100-02-29',
    '1900-02-29',
    '0000-01-01',
    '0000-02-29',
    '2026-02-30',
    '2026-13-01',
    '26-01-01',
    '2026-1-1',
  ].map((reservedDate) =>
    broken(
      'ReserveCarRequest.reserved_date',
      reservedDate,
      () => reservations.reserveCar({ ...wish, reservedDate }),
      () => post('/rentcar/reservations', { ...wish, reservedDate }),
    ),
  ),
  broken(
    'GetReservationRequest.reservation_id',
    'no UUID',
    () => reservations.getReservation({ reservationId: '1' }),
    () => get('/rentcar/reservations/1'),
  ),
  broken(
    'CancelReservationRequest.reservation_id',
    'no UUID',
    () => reservations.cancelReservation({ reservationId: '1' }),
    () => post('/rentcar/reservations/1:cancel'),
  ),
  broken(
    'ListReservationsRequest.user_id',
    'too long',
    () => reservations.listReservations({ userId: LONG }),
    () => get('/rentcar/reservations', { user_id: LONG }),
  ),
  broken(
    'ListReservationsRequest.car_id',
    'no UUID',
    () => reservations.listReservations({ carId: '1' }),
    () => get('/rentcar/reservations', { car_id: '1' }),
  ),
  broken('ListReservationsRequest.status', 'not declared', () => reservations.listReservations({ status: NO_STATUS })),
  broken(
    'GetRentalRequest.rental_id',
    'no UUID',
    () => rentals.getRental({ rentalId: '1' }),
    () => get('/rentcar/rentals/1'),
  ),
  broken(
    'CompleteRentalRequest.rental_id',
    'no UUID',
    () => rentals.completeRental({ rentalId: '1' }),
    () => post('/rentcar/rentals/1:complete'),
  ),
  broken(
    'ListRentalsRequest.reservation_id',
    'no UUID',
    () => rentals.listRentals({ reservationId: '1' }),
    () => get('/rentcar/rentals', { reservation_id: '1' }),
  ),
  broken(
    'ListRentalsRequest.user_id',
    'too long',
    () => rentals.listRentals({ userId: LONG }),
    () => get('/rentcar/rentals', { user_id: LONG }),
  ),
  broken('ListRentalsRequest.status', 'not declared', () => rentals.listRentals({ status: NO_STATUS })),
  broken(
    'GetMypageRequest.reservation_id',
    'no UUID',
    () => mypages.getMypage({ reservationId: '1' }),
    () => get('/rentcar/mypages/1'),
  ),
  // A refusal is all that a stream then answers, so it can be called as if it answered once.
  broken('WatchMypageRequest.reservation_id', 'no UUID', () => mypages.watchMypage({ reservationId: '1' })),
  broken('WatchMypageRequest.resume_token', 'no token', () =>
    mypages.watchMypage({ reservationId: '0190f5c4-7b1e-7c3a-8f00-3a6d3b1c2d4e', resumeToken: 'yesterday' }),
  ),
  broken(
    'ListMypagesRequest.user_id',
    'too long',
    () => mypages.listMypages({ userId: LONG }),
    () => get('/rentcar/mypages', { user_id: LONG }),
  ),
  broken('ListMypagesRequest.status', 'not declared', () => mypages.listMypages({ status: NO_STATUS })),
  ...(
    [
      ['ListCarsRequest', '/rentcar/cars', cars.listCars],
      ['ListReservationsRequest', '/rentcar/reservations', reservations.listReservations],
      ['ListRentalsRequest', '/rentcar/rentals', rentals.listRentals],
      ['ListMypagesRequest', '/rentcar/mypages', mypages.listMypages],
    ] as const
  ).flatMap(([request, path, list]) => [
    ...[-1, 101].map((pageSize) =>
      broken(
        `${request}.page_size`,
        String(pageSize),
        () => list({ pageSize }),
        () => get(path, { page_size: pageSize }),
      ),
    ),
    ...[LONG_TOKEN, 'nonsense', Buffer.from('["a"]').toString('base64url')].map((pageToken) =>
      broken(
        `${request}.page_token`,
        pageToken,
        () => list({ pageToken }),
        () => get(path, { page_token: pageToken }),
      ),
    ),
  ]),
];

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
    const failure = await failureOf(post('/rentcar/cars', { carName: '', qty: -1 }));
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
