import { once } from 'node:events';
import { connect } from 'node:http2';
import { create, createFileRegistry, fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  DescriptorProtoSchema,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FieldDescriptorProtoSchema,
  FieldOptionsSchema,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from '@bufbuild/protobuf/wkt';
import { Client, credentials, Metadata, Server, ServerCredentials, type ServiceError, status } from '@grpc/grpc-js';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { notFound, type RpcError, toRpcError } from './errors.ts';
import { addService, type CallContext } from './server.ts';
import { requestDecoders } from './validation.ts';

const PATH = '/shop.order.v1.OrderService/Order';

/** A string field 1 `thing_id` with the protovalidate rule `string.min_len = 2`: extension 1159, in it field 14, in it field 2. */
const image = toBinary(
  FileDescriptorSetSchema,
  create(FileDescriptorSetSchema, {
    file: [
      create(FileDescriptorProtoSchema, {
        name: 'shop/order/v1/order.proto',
        package: 'shop.order.v1',
        syntax: 'proto3',
        messageType: [
          create(DescriptorProtoSchema, {
            name: 'OrderRequest',
            field: [
              create(FieldDescriptorProtoSchema, {
                name: 'thing_id',
                jsonName: 'thingId',
                number: 1,
                label: FieldDescriptorProto_Label.OPTIONAL,
                type: FieldDescriptorProto_Type.STRING,
                options: {
                  ...create(FieldOptionsSchema),
                  $unknown: [{ no: 1159, wireType: 2, data: Uint8Array.of(4, 0x72, 2, 0x10, 2) }],
                },
              }),
            ],
          }),
        ],
        service: [
          {
            name: 'OrderService',
            method: [{ name: 'Order', inputType: '.shop.order.v1.OrderRequest', outputType: '.shop.order.v1.OrderRequest' }],
          },
        ],
      }),
    ],
  }),
);

const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, image));

/** The wire form of OrderRequest for short texts. */
const message = (thingId: string) => Buffer.from([0x0a, Buffer.byteLength(thingId), ...Buffer.from(thingId)]);

const definition = {
  order: {
    path: PATH,
    requestStream: false,
    responseStream: false,
    requestSerialize: message,
    requestDeserialize: (bytes: Buffer) => bytes.subarray(2).toString(),
    responseSerialize: message,
    responseDeserialize: (bytes: Buffer) => bytes.subarray(2).toString(),
  },
} as const;

let handle: (thingId: string, context: CallContext) => Promise<string>;
let client: Client;
let address: string;
const server = new Server();
const logged: string[] = [];
const log = pino({ level: 'error' }, { write: (line: string) => logged.push(line) });

beforeAll(async () => {
  const decoders = requestDecoders(registry);
  addService(
    server,
    definition,
    { order: (thingId, context) => handle(thingId, context) },
    { log, decoders: (method) => Object.assign(decoders(method), { actingUser: String }), stop: new AbortController().signal },
  );
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
  logged.length = 0;
  handle = async (thingId) => `ordered ${thingId}`;
});

interface Options {
  readonly headers?: Record<string, string>;
  readonly cancelAfter?: number;
}

/** What a call gets: the answer, or the error with whether it came in the first headers alone (Trailers-Only). */
async function call(bytes: Buffer, { headers = {}, cancelAfter }: Options = {}): Promise<string | (RpcError & { trailersOnly: boolean })> {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(headers)) metadata.set(key, value);
  return await new Promise((resolve) => {
    let firstHeaders = false;
    const done = (error: ServiceError | null, answer?: string) =>
      resolve(error === null ? (answer ?? '') : Object.assign(toRpcError(error), { trailersOnly: !firstHeaders }));
    const same = (value: Buffer) => value;
    const running = client.makeUnaryRequest(PATH, same, definition.order.responseDeserialize, bytes, metadata, done);
    running.on('metadata', () => {
      firstHeaders = true;
    });
    if (cancelAfter !== undefined) setTimeout(() => running.cancel(), cancelAfter);
  });
}

describe('a service', () => {
  it('answers what its handler returns', async () => {
    expect(await call(message('lamp'))).toBe('ordered lamp');
  });

  it('answers errors as Trailers-Only, since the mesh decides by the first headers', async () => {
    handle = () => Promise.reject(notFound('THING_NOT_FOUND', 'there is no such thing'));
    expect(await call(message('lamp'))).toMatchObject({ code: status.NOT_FOUND, reason: 'THING_NOT_FOUND', trailersOnly: true });
  });

  it('names the field that breaks a rule, as in JSON, without calling the handler', async () => {
    handle = () => Promise.reject(new Error('handled'));
    expect(await call(message('x'))).toMatchObject({
      code: status.INVALID_ARGUMENT,
      reason: 'INVALID_FIELD',
      fieldViolations: [{ field: 'thingId' }],
      trailersOnly: true,
    });
    expect(logged).toEqual([]);
  });

  it('answers INVALID_ARGUMENT to bytes that are not a message', async () => {
    expect(await call(Buffer.from([0x0a, 0x7f]))).toMatchObject({ code: status.INVALID_ARGUMENT, reason: 'MALFORMED_MESSAGE' });
  });

  it('hides an unexpected error, and logs it once', async () => {
    handle = () => Promise.reject(new Error('the secret inside'));
    const error = await call(message('lamp'));
    expect(error).toMatchObject({ code: status.INTERNAL, reason: 'INTERNAL', message: 'internal error', trailersOnly: true });
    expect(logged).toHaveLength(1);
    expect(logged[0]).toContain('the secret inside');
  });

  it('answers INTERNAL with details to an answer that cannot be encoded', async () => {
    // What a handler must not return; the type forbids it.
    handle = () => Promise.resolve(undefined as unknown as string);
    expect(await call(message('lamp'))).toMatchObject({ code: status.INTERNAL, reason: 'INTERNAL' });
  });
});

describe('a handler', () => {
  it('gets the idempotency key', async () => {
    handle = async (_, { idempotencyKey }) => String(idempotencyKey);
    expect(await call(message('lamp'), { headers: { 'idempotency-key': 'k-1' } })).toBe('k-1');
    expect(await call(message('lamp'))).toBe('undefined');
  });

  it('gets the acting user that the request names', async () => {
    handle = async (_, { actingUser }) => `for ${actingUser}`;
    expect(await call(message('anna'))).toBe('for anna');
  });

  it.each(['a b', 'x'.repeat(201)])('is not called with the idempotency key "%s"', async (key) => {
    expect(await call(message('lamp'), { headers: { 'idempotency-key': key } })).toMatchObject({
      code: status.INVALID_ARGUMENT,
      fieldViolations: [{ field: 'idempotency-key' }],
    });
  });

  it.each([
    ['not ASCII', 'bestellung-\u00e4'],
    ['given twice', ['k-1', 'k-1']],
  ])('is not called with an idempotency key that is %s', async (_, key) => {
    let isCalled = false;
    handle = async (thingId) => {
      isCalled = true;
      return thingId;
    };
    // grpc-js cannot send such a header.
    const session = connect(`http://${address}`);
    const stream = session.request({
      ':method': 'POST',
      ':path': PATH,
      'content-type': 'application/grpc',
      te: 'trailers',
      'idempotency-key': key,
    });
    const answered = once(stream, 'response');
    stream.end(Buffer.concat([Buffer.from([0, 0, 0, 0, 6]), message('lamp')]));
    const [headers] = await answered;
    session.destroy();
    expect(headers).toMatchObject({ 'grpc-status': '3', 'grpc-message': expect.stringContaining('idempotency-key') });
    expect(isCalled).toBe(false);
  });

  it('has an aborted signal when its caller cancels', async () => {
    const reason = Promise.withResolvers<unknown>();
    handle = (_, { signal }) => new Promise(() => signal.addEventListener('abort', () => reason.resolve(signal.reason)));
    expect(await call(message('lamp'), { cancelAfter: 30 })).toMatchObject({ code: status.CANCELLED });
    expect(await reason.promise).toMatchObject({ code: status.CANCELLED });
  });

  it('has an aborted signal when the deadline passes', async () => {
    const reason = Promise.withResolvers<unknown>();
    handle = (_, { signal }) => new Promise(() => signal.addEventListener('abort', () => reason.resolve(signal.reason)));
    // As a header: a deadline of the client would make it cancel the call at the same time.
    expect(await call(message('lamp'), { headers: { 'grpc-timeout': '50m' } })).toMatchObject({ code: status.DEADLINE_EXCEEDED });
    expect(await reason.promise).toMatchObject({ code: status.DEADLINE_EXCEEDED });
  });

  it('that is late has no details in its answer: the edge tells whose deadline has passed', async () => {
    const error = await call(message('lamp'), { headers: { 'grpc-timeout': '1n' } });
    expect(error).toMatchObject({ code: status.DEADLINE_EXCEEDED });
    const { metadata } = (error as RpcError).cause as ServiceError;
    expect(metadata.get('grpc-status-details-bin')).toEqual([]);
  });

  it('has no aborted signal after its own answer, also if it reads the signal later', async () => {
    let context: CallContext | undefined;
    handle = async (thingId, given) => {
      context = given;
      return thingId;
    };
    expect(await call(message('lamp'))).toBe('lamp');
    expect(context?.signal.aborted).toBe(false);
  });

  it('has no aborted signal after its own answer', async () => {
    let signal: AbortSignal | undefined;
    handle = async (thingId, context) => {
      signal = context.signal;
      return thingId;
    };
    expect(await call(message('lamp'))).toBe('lamp');
    expect(signal?.aborted).toBe(false);
  });
});

describe('a check', () => {
  it('of a method that the contracts do not have cannot be made', () => {
    expect(() => requestDecoders(registry)({ ...definition.order, path: '/shop.order.v1.OrderService/Other' })).toThrow(
      'not in the image of the contracts',
    );
  });
});
