import { connect, constants } from 'node:http2';
import {
  Client,
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceError,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Failpoint, Failpoint_Action, FaultServiceService, type Faults, SetFaultsRequest } from '#proto/rentmesh/fault/v1/fault.ts';
import { armedFailpoints, failpoint } from '../runtime/failpoints.ts';
import { bytesMethod } from '../testing/bytes-method.ts';
import { contracts } from './contracts.ts';
import { type RpcError, toRpcError } from './errors.ts';
import { FaultInjection } from './faults.ts';
import { HealthService } from './health.ts';
import { addService } from './server.ts';
import { requestDecoders } from './validation.ts';

const ORDER = 'shop.order.v1.OrderService/Order';
const same = (bytes: Buffer) => bytes;
const definition = { order: bytesMethod(`/${ORDER}`), other: bytesMethod('/shop.order.v1.OrderService/Other') };

/** What was drawn by lot next; 0.5 where a test does not say. */
let lots: number[] = [];
const faults = new FaultInjection(pino({ level: 'silent' }), () => lots.shift() ?? 0.5);
const server = new Server({ interceptors: [faults.interceptor] });
let handled = 0;
let address: string;
let client: Client;

beforeAll(async () => {
  const answer = (_: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>) => {
    handled += 1;
    callback(null, Buffer.from('done'));
  };
  server.addService(definition, { order: answer, other: answer });
  faults.offers(definition);
  faults.offers(FaultServiceService);
  const options = { log: pino({ level: 'silent' }), stop: new AbortController().signal, decoders: requestDecoders(contracts()) };
  addService(server, FaultServiceService, faults.handlers, options);
  const health = new HealthService(async () => 'SERVING');
  health.addTo(server, options.log);
  health.start();
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  address = `127.0.0.1:${port}`;
  client = new Client(address, credentials.createInsecure());
});

afterAll(() => {
  client.close();
  server.forceShutdown();
});

beforeEach(() => {
  handled = 0;
  lots = [];
});

afterEach(() => set({}));

/** What a call gets: the answer, or the error with whether it came in the first headers alone (Trailers-Only). */
async function call(
  path: string,
  options: { deadline?: number; cancelAfter?: number; request?: Buffer } = {},
): Promise<string | (RpcError & { trailersOnly: boolean })> {
  const { deadline = Date.now() + 10_000, cancelAfter, request = Buffer.from('x') } = options;
  return await new Promise((resolve) => {
    let firstHeaders = false;
    const done = (error: ServiceError | null, answer?: Buffer) =>
      resolve(error === null ? String(answer) : Object.assign(toRpcError(error), { trailersOnly: !firstHeaders }));
    const running = client.makeUnaryRequest(path, same, same, request, new Metadata(), { deadline }, done);
    running.on('metadata', () => {
      firstHeaders = true;
    });
    if (cancelAfter !== undefined) setTimeout(() => running.cancel(), cancelAfter);
  });
}

const order = (options?: Parameters<typeof call>[1]) => call(`/${ORDER}`, options);

function set(wanted: Partial<Faults>): Promise<Awaited<ReturnType<typeof call>>> {
  const request = SetFaultsRequest.encode(SetFaultsRequest.fromPartial({ faults: wanted })).finish();
  return call(FaultServiceService.setFaults.path, { request: Buffer.from(request) });
}

/** Milliseconds that something takes. */
async function time(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

describe('faults', () => {
  it('that are off cost a call nothing: it passes as it is', async () => {
    const method = { ...definition.order, requestStream: false, responseStream: false };
    // The interceptor does not look into a call that it hands through.
    const passing = {} as Parameters<typeof faults.interceptor>[1];
    expect(faults.interceptor(method, passing)).toBe(passing);
    await set({ errorRate: 1, methods: [ORDER] });
    expect(faults.interceptor(method, passing)).not.toBe(passing);
    await set({ errorRate: 0, methods: [ORDER] });
    expect(faults.interceptor(method, passing)).toBe(passing);
  });

  it('are off at first', async () => {
    expect(await order()).toBe('done');
  });

  it('let a call wait for a time in the range, each as likely as the other', async () => {
    await set({ delayMsMin: 100, delayMsMax: 300 });
    lots = [0, 0, 0, 0.5];
    // Node's timers may fire a millisecond early.
    expect(await time(order)).toBeGreaterThanOrEqual(99);
    expect(await time(order)).toBeGreaterThanOrEqual(199);
    expect(handled).toBe(2);
  });

  it('answer a share of the calls with the error, without the handler, as Trailers-Only with the usual details', async () => {
    await set({ errorRate: 0.3, errorCode: status.DATA_LOSS });
    lots = [0.29, 0, 0.31];
    expect(await order()).toMatchObject({ code: status.DATA_LOSS, reason: 'FAULT_INJECTED', trailersOnly: true });
    expect(handled).toBe(0);
    expect(await order()).toBe('done');
  });

  it('answer UNAVAILABLE with when to try again where no code is given', async () => {
    await set({ errorRate: 1 });
    expect(await order()).toMatchObject({ code: status.UNAVAILABLE, retryAfterSeconds: 1 });
  });

  it('reset the stream of a share of the calls after their handler has run', async () => {
    await set({ errorRate: 0.2, resetRate: 0.3 });
    lots = [0.4];
    const session = connect(`http://${address}`);
    try {
      const stream = session.request({ ':method': 'POST', ':path': `/${ORDER}`, te: 'trailers', 'content-type': 'application/grpc' });
      let answered = false;
      stream.on('response', () => {
        answered = true;
      });
      stream.on('error', () => undefined);
      const closed = new Promise((resolve) => stream.once('close', resolve));
      stream.end(Buffer.from([0, 0, 0, 0, 0]));
      await closed;
      expect({ answered, code: stream.rstCode, handled }).toEqual({ answered: false, code: constants.NGHTTP2_INTERNAL_ERROR, handled: 1 });
    } finally {
      session.close();
    }
    lots = [0.6];
    expect(await order()).toBe('done');
  });

  it('are for the methods that they name', async () => {
    await set({ errorRate: 1, methods: [ORDER] });
    expect(await order()).toMatchObject({ reason: 'FAULT_INJECTED' });
    expect(await call('/shop.order.v1.OrderService/Other')).toBe('done');
  });

  it('spare health and the service that ends them', async () => {
    await set({ errorRate: 1 });
    expect(await call('/grpc.health.v1.Health/Check', { request: Buffer.alloc(0) })).toBe('\b\u0001');
    await set({});
    expect(await order()).toBe('done');
  });

  it('leave running calls what they began with', async () => {
    await set({ delayMsMin: 50, delayMsMax: 50, errorRate: 1, errorCode: status.ABORTED });
    const running = order();
    await set({});
    expect(await running).toMatchObject({ code: status.ABORTED });
  });
});

describe('failpoints', () => {
  const reached = failpoint('order.stored');

  it('are armed with the faults, and disarmed with them', async () => {
    const pausing = Failpoint.fromPartial({ name: 'order.stored', action: Failpoint_Action.PAUSE, pauseMs: 60_000 });
    await set({ failpoints: [pausing] });
    const paused = reached();
    expect(paused).toBeInstanceOf(Promise);
    await set({});
    await paused;
    expect(armedFailpoints()).toEqual([]);
  });

  it('that the process does not have are refused with those that it has', async () => {
    const answer = await set({ failpoints: [Failpoint.fromPartial({ name: 'order.stroed', action: Failpoint_Action.KILL })] });
    expect(answer).toMatchObject({
      code: status.INVALID_ARGUMENT,
      fieldViolations: [{ field: 'faults.failpoints[0].name', description: expect.stringContaining('order.stored') }],
    });
    expect(armedFailpoints()).toEqual([]);
  });
});

describe('the handler of a delayed call', () => {
  it('does not run after the deadline, which the caller learns in time', async () => {
    await set({ delayMsMin: 300, delayMsMax: 300 });
    expect(await order({ deadline: Date.now() + 50 })).toMatchObject({ code: status.DEADLINE_EXCEEDED });
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(handled).toBe(0);
  });

  it('does not run after the caller has cancelled', async () => {
    await set({ delayMsMin: 200, delayMsMax: 200 });
    expect(await order({ cancelAfter: 30 })).toMatchObject({ code: status.CANCELLED });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(handled).toBe(0);
  });
});

describe('faults that cannot be', () => {
  it.each([
    [{ delayMsMin: -1 }, 'faults.delayMsMin'],
    [{ delayMsMin: 5, delayMsMax: 4 }, 'faults.delayMsMax'],
    [{ delayMsMax: Number.NaN }, 'faults.delayMsMax'],
    [{ errorRate: 1.1 }, 'faults.errorRate'],
    [{ errorCode: 17 }, 'faults.errorCode'],
    [{ errorRate: 0.6, resetRate: 0.6 }, 'faults.resetRate'],
    [{ methods: [ORDER, 'shop.order.v1.OrderService/Odrer'] }, 'faults.methods[1]'],
    [{ methods: [FaultServiceService.setFaults.path.slice(1)] }, 'faults.methods[0]'],
    [{ failpoints: [Failpoint.fromPartial({ name: 'order.stored' })] }, 'faults.failpoints[0].action'],
  ])('%o are refused by the name of the field', async (wanted, field) => {
    expect(await set(wanted)).toMatchObject({ code: status.INVALID_ARGUMENT, fieldViolations: [{ field }] });
    expect(await order()).toBe('done');
  });
});
