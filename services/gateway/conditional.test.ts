import { fromJson, toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readImage } from '#kit/rpc/contracts.ts';
import { methodsOf } from './rpc/methods.ts';
import { answer, startGateway, type TestGateway } from './testing.ts';

const READS = ['car.v1.CarService/GetCar', 'reservation.v1.ReservationService/GetReservation', 'rental.v1.RentalService/GetRental'];
const PATHS = [...READS, 'mypage.v1.MypageService/GetMypage'].map((name) => `/rentcar.${name}`);
const [GET_CAR = ''] = PATHS;

let running: TestGateway;
/** Response headers of the service. */
let told: Record<string, string> = {};
let message = Buffer.alloc(0);

beforeAll(async () => {
  running = await startGateway((stream) => answer(stream, [message], true, told));
});
afterAll(() => running.close());

const get = (path: string, headers: Record<string, string> = {}, encoding = 'json') =>
  fetch(`${running.url}${path}?connect=v1&encoding=${encoding}&message=${encoding === 'json' ? '%7B%7D' : ''}`, { headers });

describe.each(PATHS)('Connect GET of %s', (path) => {
  it.each(['json', 'proto'])('is 304 without a body where If-None-Match has the tag of the service (%s)', async (encoding) => {
    told = { etag: '"7"' };
    const response = await get(path, { 'if-none-match': '"6", W/"7"' }, encoding);
    expect(response.status).toBe(304);
    expect(await response.text()).toBe('');
    expect(Object.fromEntries(response.headers)).toMatchObject({ etag: '"7"', vary: 'accept-encoding', 'cache-control': 'no-cache' });
    expect(response.headers.has('content-type')).toBe(false);
  });

  it('returns the whole response for any other tag, with cache-control for revalidation', async () => {
    told = { etag: '"7"' };
    const response = await get(path, { 'if-none-match': '"6"' });
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({ etag: '"7"', vary: 'accept-encoding', 'cache-control': 'no-cache' });
    expect(await response.json()).toEqual({});
  });
});

describe('an entity tag', () => {
  it('matches weakly', async () => {
    told = { etag: 'W/"7"' };
    expect((await get(GET_CAR, { 'if-none-match': '"7"' })).status).toBe(304);
  });

  it('becomes weak if the gateway compresses, because a strong tag identifies exact bytes', async () => {
    const output = methodsOf(readImage()).get(GET_CAR)?.messages?.output;
    if (output === undefined) throw new Error('GetCar has no messages');
    message = Buffer.from(toBinary(output, fromJson(output, { car: { carName: 'x'.repeat(900), carId: 'y'.repeat(90) } })));
    told = { etag: '"7"' };
    const response = await get(GET_CAR, { 'accept-encoding': 'gzip' });
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(response.headers.get('etag')).toBe('W/"7"');
    message = Buffer.alloc(0);
  });

  it('is ignored in the request if the service sets none', async () => {
    told = {};
    const response = await get(GET_CAR, { 'if-none-match': '*' });
    expect(response.status).toBe(200);
    expect(response.headers.has('cache-control')).toBe(false);
  });

  it('keeps the cache-control of the service', async () => {
    told = { etag: '"7"', 'cache-control': 'max-age=5' };
    expect((await get(GET_CAR)).headers.get('cache-control')).toBe('max-age=5');
  });

  it('has no effect on a POST', async () => {
    told = { etag: '"7"' };
    const headers = { 'content-type': 'application/json', 'if-none-match': '"7"' };
    expect((await fetch(running.url + GET_CAR, { method: 'POST', headers, body: '{}' })).status).toBe(200);
  });
});
