import {
  createFileRegistry,
  type DescMethodServerStreaming,
  type DescMethodUnary,
  fromBinary,
  type MessageInitShape,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError, type Transport } from '@connectrpc/connect';
import { createConnectTransport, createGrpcTransport, createGrpcWebTransport } from '@connectrpc/connect-node';
import { createConnectTransport as createBrowserTransport } from '@connectrpc/connect-web';
import { describe, expect, it } from 'vitest';
import { readImage } from '#kit/rpc/contracts.ts';
import { BadRequest, ErrorInfo } from '#proto/google/rpc/error_details.ts';
import { edge } from '../support/instance.ts';
import { mypageBecomes, NO_ID, registerCar, rentalBecomes, reserve, unique } from '../support/rentcar.ts';

const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readImage()));

/** A method by its name, as clients with generated code have it. */
function method<T extends 'unary' | 'server_streaming'>(service: string, name: string, kind: T) {
  const found = registry.getService(service)?.methods.find((each) => each.name === name);
  if (found?.methodKind !== kind) throw new Error(`${service}/${name} is not ${kind}`);
  return found as T extends 'unary' ? DescMethodUnary : DescMethodServerStreaming;
}

const GET_CAR = method('rentcar.car.v1.CarService', 'GetCar', 'unary');
const REGISTER_CAR = method('rentcar.car.v1.CarService', 'RegisterCar', 'unary');
const WATCH = method('rentcar.mypage.v1.MypageService', 'WatchMypage', 'server_streaming');

const TRANSPORTS: [string, Transport][] = [
  ['Connect with JSON over HTTP/1.1', createConnectTransport({ baseUrl: edge.url, httpVersion: '1.1', useBinaryFormat: false })],
  ['Connect with binary messages over HTTP/2', createConnectTransport({ baseUrl: edge.url, httpVersion: '2', useBinaryFormat: true })],
  ['Connect by GET', createConnectTransport({ baseUrl: edge.url, httpVersion: '1.1', useHttpGet: true })],
  ['gRPC-Web', createGrpcWebTransport({ baseUrl: edge.url, httpVersion: '1.1' })],
  ['gRPC', createGrpcTransport({ baseUrl: edge.url })],
  ['the client of browsers', createBrowserTransport({ baseUrl: edge.url })],
];

interface Options {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  readonly headers?: Record<string, string>;
}

async function call(transport: Transport, desc: DescMethodUnary, input: object, { signal, timeoutMs, headers }: Options = {}) {
  return await transport.unary(desc, signal, timeoutMs, headers, input as MessageInitShape<typeof desc.input>);
}

async function failure(work: Promise<unknown>): Promise<ConnectError> {
  return await work.then(
    () => {
      throw new Error('the call should have failed');
    },
    (error: unknown) => ConnectError.from(error),
  );
}

/** A detail of an error in the bytes that came. */
function detail(error: ConnectError, type: string): Buffer {
  const found = error.details.find((each) => 'type' in each && each.type === type);
  if (found === undefined || !('value' in found)) throw new Error(`no ${type} among the details`);
  return Buffer.from(found.value as Uint8Array);
}

describe.each(TRANSPORTS)('%s at the edge', (_name, transport) => {
  it('gives the answer, and the etag among the headers', async () => {
    const { carId, carName } = await registerCar(3);
    const { message, header } = await call(transport, GET_CAR, { carId });
    expect(message).toMatchObject({ car: { carId, carName, qty: 3 } });
    expect(header.get('etag')).toMatch(/^"/);
  });

  it('tells an error with its code and the reason to decide by', async () => {
    const error = await failure(call(transport, GET_CAR, { carId: NO_ID }));
    expect(error.code).toBe(Code.NotFound);
    expect(ErrorInfo.decode(detail(error, 'google.rpc.ErrorInfo')).reason).toBe('CAR_NOT_FOUND');
  });

  it('names the field that breaks a rule', async () => {
    const error = await failure(call(transport, REGISTER_CAR, { carName: '', qty: 1 }));
    expect(error.code).toBe(Code.InvalidArgument);
    expect(BadRequest.decode(detail(error, 'google.rpc.BadRequest')).fieldViolations.map(({ field }) => field)).toContain('carName');
  });

  it('passes metadata on: under one idempotency key a car is registered once', async () => {
    const input = { carName: unique('CAR'), qty: 1 };
    const headers = { 'idempotency-key': unique('key') };
    const first = await call(transport, REGISTER_CAR, input, { headers });
    const second = await call(transport, REGISTER_CAR, input, { headers });
    expect(second.message).toEqual(first.message);
  });

  it('streams the view of a reservation until the client has seen enough', async () => {
    const { carId } = await registerCar(1);
    const { reservationId } = await reserve({ carId, userId: unique('user') });
    const leaving = new AbortController();
    const input = (async function* () {
      yield { reservationId } as MessageInitShape<typeof WATCH.input>;
    })();
    const { message } = await transport.stream(WATCH, leaving.signal, undefined, undefined, input);
    const statuses: unknown[] = [];
    const watching = (async () => {
      for await (const each of message) {
        statuses.push(each);
        if (JSON.stringify(each, (_key, value) => (typeof value === 'bigint' ? String(value) : value)).includes(reservationId))
          leaving.abort();
      }
    })();
    expect(ConnectError.from(await failure(watching)).code).toBe(Code.Canceled);
    expect(statuses.length).toBeGreaterThan(0);
  });
});

describe('Connect requests as anybody can write them', () => {
  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    fetch(`${edge.url}${path}`, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });

  it('an unknown field is refused by its path', async () => {
    const answer = await post('/rentcar.car.v1.CarService/GetCar', '{"carId":"x","colour":"red"}');
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      code: 'invalid_argument',
      details: [
        { type: 'google.rpc.ErrorInfo', debug: { reason: 'INVALID_FIELD', domain: 'rentmesh' } },
        { type: 'google.rpc.BadRequest', debug: { fieldViolations: [{ field: 'colour' }] } },
      ],
    });
  });

  it('a read by GET is answered once, and then with 304 as long as nothing has changed', async () => {
    const car = await registerCar(1);
    const { reservationId } = await reserve({ carId: car.carId });
    await mypageBecomes(reservationId, 'ALLOCATED');
    const rental = await rentalBecomes(reservationId, 'ALLOCATED');
    for (const [path, message] of [
      ['car.v1.CarService/GetCar', { carId: car.carId }],
      ['reservation.v1.ReservationService/GetReservation', { reservationId }],
      ['rental.v1.RentalService/GetRental', { rentalId: rental.rentalId }],
      ['mypage.v1.MypageService/GetMypage', { reservationId }],
    ] as const) {
      const url = `${edge.url}/rentcar.${path}?connect=v1&encoding=json&message=${encodeURIComponent(JSON.stringify(message))}`;
      const first = await fetch(url);
      expect(await first.json(), path).toMatchObject({ [path.slice(path.indexOf('/Get') + 4).toLowerCase()]: message });
      expect(Object.fromEntries(first.headers), path).toMatchObject({ 'cache-control': 'no-cache', vary: 'accept-encoding' });
      const again = await fetch(url, { headers: { 'if-none-match': first.headers.get('etag') ?? '' } });
      expect(again.status, path).toBe(304);
    }
  });

  it('a method that writes cannot be called by GET', async () => {
    const answer = await fetch(`${edge.url}/rentcar.car.v1.CarService/RegisterCar?connect=v1&encoding=json&message=%7B%7D`);
    expect(answer.status).toBe(405);
  });

  it('an internal method is not offered', async () => {
    const answer = await post('/rentcar.car.v1.CarService/CheckUpdateStock', '{}');
    expect(answer.status).toBe(404);
  });

  it('a deadline that has passed is told as such', async () => {
    const answer = await post('/rentcar.car.v1.CarService/ListCars', '{}', { 'connect-timeout-ms': '0' });
    expect(await answer.json()).toMatchObject({ code: 'deadline_exceeded' });
  });
});
