import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { reflect } from '@bufbuild/protobuf/reflect';
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { ReservationServiceService, ReserveCarRequest } from '#proto/rentcar/reservation/v1/reservation.ts';
import { eventually } from '../support/eventually.ts';
import { failureOf } from '../support/failure.ts';
import { channel, unary } from '../support/grpc.ts';
import { health, watchHealth } from '../support/health.ts';
import { control, edge } from '../support/instance.ts';
import { whilePaused } from '../support/paused.ts';
import { rawCall } from '../support/raw-grpc.ts';
import { ask, describeSymbol } from '../support/reflection.ts';
import { qtyBecomes, type Reservation, registerCar, unique } from '../support/rentcar.ts';
import { listAll } from '../support/rest.ts';

const PUBLIC = [
  'rentcar.car.v1.CarService',
  'rentcar.mypage.v1.MypageService',
  'rentcar.rental.v1.RentalService',
  'rentcar.reservation.v1.ReservationService',
  'rentmesh.observer.v1.ObserverService',
];

const connection = channel(edge.address);

describe('reflection at the edge', () => {
  it.each(['v1', 'v1alpha'] as const)('%s lists the public services, health and itself', async (version) => {
    const { listServicesResponse } = await ask(connection, version, { listServices: '*' });
    const names = listServicesResponse?.service.map(({ name }) => name) ?? [];
    expect(names.filter((name) => !name.startsWith('grpc.')).toSorted()).toEqual(PUBLIC);
    expect(names).toContain('grpc.health.v1.Health');
  });

  it('describes services without their internal methods', async () => {
    const service = (await describeSymbol(connection, 'rentcar.car.v1.CarService')).getService('rentcar.car.v1.CarService');
    expect(service?.methods.map(({ name }) => name).toSorted()).toEqual(['GetCar', 'ListCars', 'RegisterCar']);
  });

  it('says NOT_FOUND for what does not exist', async () => {
    const { errorResponse } = await ask(connection, 'v1', { fileContainingSymbol: 'rentcar.car.v1.Nothing' });
    expect(errorResponse?.errorCode).toBe(status.NOT_FOUND);
  });

  it('tells enough to call a method by its name alone', async () => {
    const registry = await describeSymbol(connection, 'rentcar.car.v1.CarService');
    const method = registry.getService('rentcar.car.v1.CarService')?.method.registerCar;
    if (method === undefined) throw new Error('reflection does not tell of RegisterCar');
    const request = reflect(method.input);
    const field = (name: string) => {
      const found = method.input.fields.find((each) => each.name === name);
      if (found === undefined) throw new Error(`RegisterCarRequest has no ${name}`);
      return found;
    };
    request.set(field('car_name'), 'REFLECTED');
    request.set(field('qty'), 3);
    const answer = await unary(connection, '/rentcar.car.v1.CarService/RegisterCar', Buffer.from(toBinary(method.input, request.message)));
    expect(fromBinary(method.output, answer)).toMatchObject({ car: { carName: 'REFLECTED', qty: 3 } });
  });
});

describe('health at the edge', () => {
  it.each(['', ...PUBLIC])('is SERVING for "%s"', async (service) => {
    expect(await health(connection, service)).toBe('SERVING');
  });

  it('is NOT_FOUND for a service that does not exist', async () => {
    expect(await failureOf(health(connection, 'rentcar.car.v1.Nothing'))).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('follows a service that is stopped and started, while the others stay SERVING', async () => {
    await control.stop('rentcar/mypage-1');
    try {
      await eventually('mypage is not SERVING', async () =>
        expect(await health(connection, 'rentcar.mypage.v1.MypageService').catch(() => 'unavailable')).not.toBe('SERVING'),
      );
      expect(await health(connection, 'rentcar.car.v1.CarService')).toBe('SERVING');
    } finally {
      await control.start('rentcar/mypage-1');
    }
    await eventually('mypage is SERVING', async () => expect(await health(connection, 'rentcar.mypage.v1.MypageService')).toBe('SERVING'));
  });

  it('can be watched', async () => {
    const told = watchHealth(connection, 'rentcar.car.v1.CarService');
    await eventually('the watch tells', () => expect(told).toEqual(['SERVING']));
  });
});

describe('a gRPC call at the edge', () => {
  it.each([
    ['a method that a service does not have', '/rentcar.car.v1.CarService/PolishCar'],
    ['a service that does not exist', '/rentcar.polish.v1.PolishService/PolishCar'],
  ])('of %s is UNIMPLEMENTED', async (_, path) => {
    expect(await failureOf(unary(connection, path, Buffer.alloc(0)))).toMatchObject({ code: 'UNIMPLEMENTED' });
  });

  it.each([
    ['HTTP method', { ':method': 'PUT' }, { ':status': 405, allow: 'GET, POST' }],
    [
      'codec',
      { 'content-type': 'application/grpc+foo' },
      { ':status': 415, 'accept-post': expect.stringContaining('application/grpc+proto') },
    ],
    ['compression', { 'grpc-encoding': 'foo' }, { 'grpc-status': '12', 'grpc-accept-encoding': 'identity,gzip' }],
  ])('with a %s that nobody knows is refused, with what is known', async (_, asked, told) => {
    const { headers } = await rawCall(edge.address, '/rentcar.car.v1.CarService/ListCars', Buffer.alloc(0), asked);
    expect(headers).toMatchObject(told);
  });

  it('can have JSON for its messages', async () => {
    const asked = { 'content-type': 'application/grpc+json' };
    const { headers, trailers } = await rawCall(edge.address, '/rentcar.car.v1.CarService/ListCars', Buffer.from('{"pageSize":1}'), asked);
    expect(headers).toMatchObject({ 'content-type': 'application/grpc+json' });
    expect(trailers).toMatchObject({ 'grpc-status': '0' });
  });

  it('ends at its deadline, and what was begun for it is undone', async () => {
    const { carId } = await registerCar(1);
    const userId = unique('user');
    const { headers } = await whilePaused(carId, async () => {
      const request = ReserveCarRequest.encode(ReserveCarRequest.fromPartial({ carId, userId })).finish();
      // No client of this test ends the call: the deadline is only told.
      return await rawCall(edge.address, ReservationServiceService.reserveCar.path, request, { 'grpc-timeout': '300m' });
    });
    // The call to car has the same deadline: whichever of the two ends first decides the status.
    expect(['4', '14'], 'DEADLINE_EXCEEDED or UNAVAILABLE').toContain(headers['grpc-status']);
    await eventually('the attempt is settled', async () => {
      const stored = await listAll<Reservation>('/rentcar/reservations', 'reservations', { user_id: userId });
      expect(stored.filter(({ status: standing }) => standing !== 'REJECTED')).toEqual([]);
    });
    await qtyBecomes(carId, 1);
  });
});
