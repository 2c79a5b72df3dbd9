import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Mypage_Status, MypageServiceService, WatchMypageRequest, type WatchMypageResponse } from '#proto/rentcar/mypage/v1/mypage.ts';
import { each, eventually, range } from '../support/eventually.ts';
import { channel } from '../support/grpc.ts';
import { buildGrpcurl, GRPCURL_BUILD_LIMIT_MS, grpcurl } from '../support/grpcurl.ts';
import { control, podInbound, system } from '../support/instance.ts';
import { rawCall } from '../support/raw-grpc.ts';
import { registerCar, reserve } from '../support/rentcar.ts';
import { rest } from '../support/rest.ts';

const edge = `${system.edgeListen.host}:${system.edgeListen.port}`;
const cancel = (reservationId: string) => rest('POST', `/rentcar/reservations/${reservationId}:cancel`, {});
const connection = channel(edge);
beforeAll(async () => {
  await buildGrpcurl();
}, GRPCURL_BUILD_LIMIT_MS);
afterAll(() => connection.close());

const NAMES = new Map(Object.entries(Mypage_Status).map(([name, value]) => [value, name]));

/** A stream of WatchMypage through the edge, with what it has told and how it has ended. */
class Watching {
  readonly told: WatchMypageResponse[] = [];
  ended: { readonly code: status } | undefined;
  readonly #stream;

  /** `at`: a channel to the edge, or to one replica. */
  constructor(reservationId: string, resumeToken = '', at = connection) {
    const { path, requestSerialize, responseDeserialize } = MypageServiceService.watchMypage;
    const request = WatchMypageRequest.fromPartial({ reservationId, resumeToken });
    this.#stream = at.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request);
    this.#stream.on('data', (message: WatchMypageResponse) => this.told.push(message));
    this.#stream.on('error', () => {});
    this.#stream.on('status', (end: { code: status }) => {
      this.ended = end;
    });
  }

  /** The statuses told so far. */
  get statuses(): string[] {
    return this.told.map(({ mypage }) => NAMES.get(mypage?.status ?? Mypage_Status.STATUS_UNSPECIFIED) ?? '');
  }

  /** The resume tokens told so far. */
  get tokens(): string[] {
    return this.told.map(({ resumeToken }) => resumeToken);
  }

  async untilTold(last: string): Promise<void> {
    await eventually(`${last} is told`, async () => expect(this.statuses.at(-1)).toBe(last));
  }

  end(): void {
    this.#stream.cancel();
  }
}

/**
 * Asserts that each message has a newer version than the one before. A token holds the versions of the reservation and the rental.
 * One message may cover several changes.
 */
function expectProgress(tokens: readonly string[]): void {
  const versions = tokens.map((token) => token.split('-').map(Number));
  for (const [index, [reservation = 0, rental = 0]] of versions.entries()) {
    const [before = 0, rentalBefore = 0] = versions[index - 1] ?? [];
    expect({ reservation, rental }, tokens.join(' ')).toEqual({
      reservation: Math.max(reservation, before),
      rental: Math.max(rental, rentalBefore),
    });
    expect(reservation + rental, tokens.join(' ')).toBeGreaterThan(before + rentalBefore);
  }
}

describe('watching a reservation', () => {
  it('tells each state once, from before its first event to its cancellation', async () => {
    const { carId } = await registerCar(1);
    const { reservationId } = await reserve({ carId });
    const watching = new Watching(reservationId);
    await watching.untilTold('ALLOCATED');
    await cancel(reservationId);
    await watching.untilTold('CANCELLED');
    await eventually('the rental has followed', async () => expect(watching.told.at(-1)?.resumeToken).toBe('2-2'));
    expectProgress(watching.tokens);
    expect(watching.ended).toBeUndefined();
    watching.end();
  });

  it('goes on after what the caller had, with nothing twice and nothing lost, when the service is killed', async () => {
    const { carId } = await registerCar(1);
    const { reservationId } = await reserve({ carId });
    const first = new Watching(reservationId);
    await first.untilTold('ALLOCATED');
    const token = first.tokens.at(-1) ?? '';
    await control.kill('rentcar/mypage-1');
    await eventually('the stream has ended', () => expect(first.ended).toMatchObject({ code: status.UNAVAILABLE }));
    await cancel(reservationId);
    const streams = [first];
    const tokens = () => streams.flatMap((stream) => stream.tokens);
    await eventually('a stream goes on until the rental has followed', () => {
      if (streams.at(-1)?.ended !== undefined) streams.push(new Watching(reservationId, tokens().at(-1)));
      expect(tokens().at(-1)).toBe('2-2');
    });
    expectProgress(tokens());
    const resumed = streams.slice(1).flatMap(({ statuses }) => statuses);
    for (const old of ['RESERVED', 'ALLOCATED']) expect(resumed, 'what the caller had').not.toContain(old);
    const late = new Watching(reservationId, token);
    await late.untilTold('CANCELLED');
    expect(late.tokens, 'one who has missed several changes is told of the newest').toEqual(['2-2']);
    expect(tokens().filter((each) => each === '2-2')).toHaveLength(1);
    for (const stream of [...streams, late]) stream.end();
  });

  it('is told of every change by every replica, whichever has heard of it', async () => {
    await control.scale('mypage', 2);
    const replicas = ['rentcar/mypage-1', 'rentcar/mypage-2'].map((name) => channel(podInbound(name)));
    try {
      const { carId } = await registerCar(10);
      const made = await each(range(6), 6, () => reserve({ carId }));
      const watchings = made.flatMap(({ reservationId }) => replicas.map((replica) => new Watching(reservationId, '', replica)));
      await Promise.all(watchings.map((watching) => watching.untilTold('ALLOCATED')));
      await each(made, 6, ({ reservationId }) => cancel(reservationId));
      await Promise.all(watchings.map((watching) => watching.untilTold('CANCELLED')));
      for (const watching of watchings) watching.end();
    } finally {
      for (const replica of replicas) replica.close();
      await control.scale('mypage', 1);
    }
  });

  it('ends with UNAVAILABLE when the service stops, so that its caller goes on elsewhere', async () => {
    const { carId } = await registerCar(1);
    const { reservationId } = await reserve({ carId });
    const watching = new Watching(reservationId);
    await watching.untilTold('ALLOCATED');
    await control.stop('rentcar/mypage-1');
    try {
      await eventually('the stream has ended', async () => expect(watching.ended).toMatchObject({ code: status.UNAVAILABLE }));
    } finally {
      await control.start('rentcar/mypage-1');
    }
  });

  it('ends with DEADLINE_EXCEEDED when its deadline has passed', async () => {
    const { carId } = await registerCar(1);
    const { reservationId } = await reserve({ carId });
    const { path, requestSerialize } = MypageServiceService.watchMypage;
    const request = requestSerialize(WatchMypageRequest.fromPartial({ reservationId }));
    // Many, since it is a race; and no client of this test ends the call: the deadline is only told.
    const ended = await each(range(20), 5, () => rawCall(edge, path, request, { 'grpc-timeout': '700m' }));
    for (const { headers, trailers } of ended) expect((trailers ?? headers)['grpc-status']).toBe(String(status.DEADLINE_EXCEEDED));
  });

  it('names the field that is wrong', async () => {
    const watching = new Watching('mine');
    await eventually('it has ended', async () => expect(watching.ended).toMatchObject({ code: status.INVALID_ARGUMENT }));
    const other = new Watching('0190f5c4-7b1e-7c3a-8f00-3a6d3b1c2d4e', 'yesterday');
    await eventually('it has ended', async () => expect(other.ended).toMatchObject({ code: status.INVALID_ARGUMENT }));
  });

  it('works by grpcurl, for as long as it is asked to', async () => {
    const { carId } = await registerCar(1);
    const { reservationId } = await reserve({ carId });
    const watching = new Watching(reservationId);
    await watching.untilTold('ALLOCATED');
    watching.end();
    const asked = grpcurl([
      '-max-time',
      '5',
      '-plaintext',
      '-d',
      JSON.stringify({ reservationId }),
      edge,
      'rentcar.mypage.v1.MypageService/WatchMypage',
    ]);
    await expect(asked).rejects.toThrow(/"status": "ALLOCATED"/);
  });
});
