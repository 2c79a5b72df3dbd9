import { create, createFileRegistry, fromBinary, toBinary } from '@bufbuild/protobuf';
import { reflect } from '@bufbuild/protobuf/reflect';
import { type FileDescriptorProto, FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { type ClientDuplexStream, status } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { describe, expect, it } from 'vitest';
import { ReservationServiceService, ReserveCarRequest } from '#proto/rentcar/reservation/v1/reservation.ts';
import { whileLocked } from '../support/database.ts';
import { eventually } from '../support/eventually.ts';
import { failureOf } from '../support/failure.ts';
import { channel, unary } from '../support/grpc.ts';
import { health, watchHealth } from '../support/health.ts';
import { control, edge } from '../support/instance.ts';
import { rawCall } from '../support/raw-grpc.ts';
import { qtyBecomes, type Reservation, registerCar, unique } from '../support/rentcar.ts';
import { listAll } from '../support/rest.ts';

const PUBLIC = [
  'rentcar.car.v1.CarService',
  'rentcar.mypage.v1.MypageService',
  'rentcar.rental.v1.RentalService',
  'rentcar.reservation.v1.ReservationService',
];

const connection = channel(edge.address);

/** What reflection answers, as far as these tests look at it. */
interface ReflectionAnswer {
  readonly listServicesResponse?: { readonly service: readonly { readonly name: string }[] } | null;
  readonly fileDescriptorResponse?: { readonly fileDescriptorProto: readonly Buffer[] } | null;
  readonly errorResponse?: { readonly errorCode: number } | null;
}

/** Asks one question of the reflection service, as grpcurl does. */
async function ask(version: 'v1' | 'v1alpha', question: object): Promise<ReflectionAnswer> {
  const proto = new URL(`../../node_modules/@grpc/reflection/build/proto/grpc/reflection/${version}/reflection.proto`, import.meta.url);
  const service = loadSync(proto.pathname)[`grpc.reflection.${version}.ServerReflection`];
  const method = service !== undefined && 'ServerReflectionInfo' in service ? service.ServerReflectionInfo : undefined;
  if (method === undefined || typeof method !== 'object' || !('path' in method)) throw new Error('the reflection proto has no method');
  const { path, requestSerialize, responseDeserialize } = method;
  const stream: ClientDuplexStream<object, ReflectionAnswer> = connection.makeBidiStreamRequest(
    path,
    requestSerialize,
    // proto-loader's decoder gives the message as the interface above says.
    responseDeserialize as (bytes: Buffer) => ReflectionAnswer,
  );
  return await new Promise((resolve, reject) => {
    stream.on('data', resolve);
    stream.on('error', reject);
    stream.on('end', () => reject(new Error('reflection ended without an answer')));
    stream.end(question);
  });
}

/** The files that declare a symbol and everything they need. */
async function describeSymbol(symbol: string) {
  const files = new Map<string, FileDescriptorProto>();
  const load = async (question: object) => {
    const { fileDescriptorResponse } = await ask('v1', question);
    for (const bytes of fileDescriptorResponse?.fileDescriptorProto ?? []) {
      const file = fromBinary(FileDescriptorProtoSchema, bytes);
      files.set(file.name, file);
    }
  };
  await load({ fileContainingSymbol: symbol });
  for (const missing = () => [...files.values()].flatMap(({ dependency }) => dependency).find((name) => !files.has(name)); ; ) {
    const name = missing();
    if (name === undefined) break;
    await load({ fileByFilename: name });
    expect([...files.keys()], 'the answer to fileByFilename').toContain(name);
  }
  return createFileRegistry(create(FileDescriptorSetSchema, { file: sorted(files) }));
}

/** Files after those that they import. */
function sorted(files: ReadonlyMap<string, FileDescriptorProto>): FileDescriptorProto[] {
  const done = new Set<FileDescriptorProto>();
  const add = (name: string) => {
    const file = files.get(name);
    if (file === undefined || done.has(file)) return;
    file.dependency.forEach(add);
    done.add(file);
  };
  for (const name of files.keys()) add(name);
  return [...done];
}

describe('reflection at the edge', () => {
  it.each(['v1', 'v1alpha'] as const)('%s lists the public services, health and itself', async (version) => {
    const { listServicesResponse } = await ask(version, { listServices: '*' });
    const names = listServicesResponse?.service.map(({ name }) => name) ?? [];
    expect(names.filter((name) => !name.startsWith('grpc.')).toSorted()).toEqual(PUBLIC);
    expect(names).toContain('grpc.health.v1.Health');
  });

  it('describes services without their internal methods', async () => {
    const service = (await describeSymbol('rentcar.car.v1.CarService')).getService('rentcar.car.v1.CarService');
    expect(service?.methods.map(({ name }) => name).toSorted()).toEqual(['GetCar', 'ListCars', 'RegisterCar']);
  });

  it('says NOT_FOUND for what does not exist', async () => {
    const { errorResponse } = await ask('v1', { fileContainingSymbol: 'rentcar.car.v1.Nothing' });
    expect(errorResponse?.errorCode).toBe(status.NOT_FOUND);
  });

  it('tells enough to call a method by its name alone', async () => {
    const registry = await describeSymbol('rentcar.car.v1.CarService');
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
    await control.stop('mypage-1');
    try {
      await eventually('mypage is not SERVING', async () =>
        expect(await health(connection, 'rentcar.mypage.v1.MypageService').catch(() => 'unavailable')).not.toBe('SERVING'),
      );
      expect(await health(connection, 'rentcar.car.v1.CarService')).toBe('SERVING');
    } finally {
      await control.start('mypage-1');
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

  it('ends at its deadline, and what was begun for it is undone', async () => {
    const { carId } = await registerCar(1);
    const userId = unique('user');
    const { headers } = await whileLocked(carId, async () => {
      const request = ReserveCarRequest.encode(ReserveCarRequest.fromPartial({ carId, userId })).finish();
      // No client of this test ends the call: the deadline is only told.
      return await rawCall(edge.address, ReservationServiceService.reserveCar.path, request, { 'grpc-timeout': '300m' });
    });
    expect(['4', '14'], 'DEADLINE_EXCEEDED, or UNAVAILABLE where the call to car ended first').toContain(headers['grpc-status']);
    await eventually('the attempt is settled', async () => {
      const stored = await listAll<Reservation>('/reservations', 'reservations', { user_id: userId });
      expect(stored.filter(({ status: standing }) => standing !== 'REJECTED')).toEqual([]);
    });
    await qtyBecomes(carId, 1);
  });
});
