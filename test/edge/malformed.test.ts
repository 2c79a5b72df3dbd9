import { request as httpRequest } from 'node:http';
import { connect } from 'node:http2';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { ReservationServiceService, ReserveCarRequest } from '#proto/rentcar/reservation/v1/reservation.ts';
import { edge } from '../support/instance.ts';
import { type Reservation, registerCar, unique } from '../support/rentcar.ts';
import { listAll } from '../support/rest.ts';

const LIST_CARS = '/rentcar.car.v1.CarService/ListCars';
const HEALTH = '/grpc.health.v1.Health/Check';
const REFLECTION = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo';

/** A field of five bytes that are not there. */
const CUT_OFF = Buffer.from([0x0a, 0x05]);

interface Answer {
  readonly httpStatus: number;
  /** The headers, the body and the trailers, as one text. */
  readonly text: string;
}

/** A message of gRPC and gRPC-Web: a flag, the length, the bytes. */
function framed(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** Posts by HTTP/1.1. Unlike fetch it sends a repeated header and one that is not ASCII. */
function post(path: string, body: Uint8Array, headers: Record<string, string | string[]>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${edge.url}${path}`, { method: 'POST', headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = JSON.stringify(response.headers) + Buffer.concat(chunks).toString() + JSON.stringify(response.trailers);
        resolve({ httpStatus: response.statusCode ?? 0, text });
      });
    });
    request.setTimeout(20_000, () => request.destroy(new Error(`${path} was not answered`)));
    request.on('error', reject);
    request.end(body);
  });
}

/** Posts by HTTP/2, as gRPC does. */
function postGrpc(path: string, message: Uint8Array, headers: Record<string, string | string[]> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const session = connect(edge.url);
    session.on('error', reject);
    const stream = session.request({ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers', ...headers });
    let httpStatus = 0;
    let text = '';
    stream.on('response', (fields) => {
      httpStatus = Number(fields[':status']);
      text += JSON.stringify(fields);
    });
    stream.on('trailers', (fields) => {
      text += JSON.stringify(fields);
    });
    stream.on('data', () => undefined);
    stream.on('error', reject);
    stream.on('close', () => {
      session.close();
      resolve({ httpStatus, text });
    });
    stream.end(framed(message));
  });
}

describe('bytes that are not a message are INVALID_ARGUMENT, MALFORMED_MESSAGE', () => {
  it.each([LIST_CARS, HEALTH, REFLECTION])('by gRPC: %s', async (path) => {
    const { text } = await postGrpc(path, CUT_OFF);
    expect(text).toContain('"grpc-status":"3"');
    expect(detailsOf(text)).toContain('MALFORMED_MESSAGE');
  });

  it('by gRPC-Web', async () => {
    const { httpStatus, text } = await post(LIST_CARS, framed(CUT_OFF), { 'content-type': 'application/grpc-web+proto' });
    expect(httpStatus).toBe(200);
    expect(text).toMatch(/"grpc-status":"3"|grpc-status: ?3/);
    expect(detailsOf(text)).toContain('MALFORMED_MESSAGE');
  });

  it('by Connect', async () => {
    const { httpStatus, text } = await post(LIST_CARS, CUT_OFF, { 'content-type': 'application/proto' });
    expect(httpStatus).toBe(400);
    expect(text).toContain('"code":"invalid_argument"');
    expect(detailsOf(text)).toContain('MALFORMED_MESSAGE');
  });
});

describe('a body that is not compressed as its header says is 400, MALFORMED_MESSAGE', () => {
  const whole = gzipSync('{}');
  const bodies: [string, Buffer][] = [
    ['not compressed', Buffer.from('{}')],
    ['cut off', whole.subarray(0, whole.length - 4)],
  ];
  it.each(bodies.flatMap(([what, body]) => ['application/json', 'application/proto'].map((type) => [what, type, body] as const)))(
    '%s: %s',
    async (_what, type, body) => {
      const { httpStatus, text } = await post(LIST_CARS, body, { 'content-type': type, 'content-encoding': 'gzip' });
      expect(httpStatus).toBe(400);
      expect(text).toContain('"code":"invalid_argument"');
      expect(detailsOf(text)).toContain('MALFORMED_MESSAGE');
    },
  );
});

describe('an integer is spelt alike by REST and by Connect', () => {
  it.each([
    ...['5', '5.0', '1e1', '"5"', '"05"', 'null'].map((qty) => [qty, 200] as const),
    ...['"5.0"', '"1e1"', '"0x5"', '"0b1"', '"+5"', '" 5"', '""', '5.5', 'true'].map((qty) => [qty, 400] as const),
  ])('%s: %i', async (qty, httpStatus) => {
    const body = Buffer.from(`{"carName":"${unique('car')}","qty":${qty}}`);
    const json = { 'content-type': 'application/json' };
    const [rest, connect] = await Promise.all([
      post('/rentcar/cars', body, json),
      post('/rentcar.car.v1.CarService/RegisterCar', body, json),
    ]);
    expect([rest.httpStatus, connect.httpStatus]).toEqual([httpStatus, httpStatus]);
    if (httpStatus === 400) for (const { text } of [rest, connect]) expect(detailsOf(text) + text).toContain('qty');
  });
});

/** The base64 texts of an answer, decoded: details of gRPC and Connect. */
function detailsOf(text: string): string {
  return [...text.matchAll(/[A-Za-z0-9+/]{20,}/g)].map(([base64]) => Buffer.from(base64, 'base64').toString('latin1')).join(' ');
}

describe('an idempotency key that cannot be used is refused at every protocol, and nothing is reserved', () => {
  const keys: [string, string | string[]][] = [
    ['not ASCII', Buffer.from('bestellung-ä').toString('latin1')],
    ['given twice', ['k-1', 'k-1']],
  ];
  const path = ReservationServiceService.reserveCar.path;

  const protocols: [string, (wish: ReserveCarRequest, key: string | string[]) => Promise<Answer>, number, RegExp][] = [
    [
      'REST',
      (wish, key) =>
        post('/rentcar/reservations', Buffer.from(JSON.stringify(wish)), { 'content-type': 'application/json', 'idempotency-key': key }),
      400,
      /"code":3/,
    ],
    [
      'Connect',
      (wish, key) => post(path, Buffer.from(JSON.stringify(wish)), { 'content-type': 'application/json', 'idempotency-key': key }),
      400,
      /"code":"invalid_argument"/,
    ],
    [
      'gRPC-Web',
      (wish, key) =>
        post(path, framed(ReserveCarRequest.encode(wish).finish()), {
          'content-type': 'application/grpc-web+proto',
          'idempotency-key': key,
        }),
      200,
      /"grpc-status":"3"|grpc-status: ?3/,
    ],
    ['gRPC', (wish, key) => postGrpc(path, ReserveCarRequest.encode(wish).finish(), { 'idempotency-key': key }), 200, /"grpc-status":"3"/],
  ];

  describe.each(protocols)('%s', (_, send, httpStatus, refused) => {
    it.each(keys)('%s', async (_what, key) => {
      const { carId } = await registerCar(1);
      const wish = ReserveCarRequest.fromPartial({ carId, userId: unique('user') });
      const answer = await send(wish, key);
      expect(answer.text).toMatch(refused);
      expect(answer.httpStatus).toBe(httpStatus);
      expect(answer.text).toContain('idempotency-key');
      expect(await listAll<Reservation>('/rentcar/reservations', 'reservations', { user_id: wish.userId })).toEqual([]);
    });
  });
});
