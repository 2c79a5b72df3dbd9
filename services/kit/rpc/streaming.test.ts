import { once } from 'node:events';
import { connect } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Client,
  type ClientReadableStream,
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  type StatusObject,
  status,
} from '@grpc/grpc-js';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { notFound, toRpcError } from './errors.ts';
import { addService, type CallContext } from './server.ts';

const PATH = '/shop.order.v1.OrderService/Watch';
const same = (bytes: Buffer) => bytes;
const text = (value: string) => Buffer.from(value);

const definition = {
  watch: {
    path: PATH,
    requestStream: false,
    responseStream: true,
    requestSerialize: text,
    requestDeserialize: String,
    responseSerialize: text,
    responseDeserialize: String,
  },
} as const;

let handle: (request: string, context: CallContext) => AsyncIterable<string>;
let stop: AbortController;
let server: Server;
let client: Client;
let address: string;

beforeAll(() => {
  handle = async function* () {};
});

beforeEach(async () => {
  stop = new AbortController();
  server = new Server();
  addService(
    server,
    definition,
    { watch: (request, context) => handle(request, context) },
    { log: pino({ level: 'silent' }), decoders: () => String, stop: stop.signal },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  address = `127.0.0.1:${port}`;
  client = new Client(address, credentials.createInsecure());
  return () => {
    client.close();
    server.forceShutdown();
  };
});

afterAll(() => stop.abort());

interface Outcome {
  readonly messages: string[];
  readonly status: StatusObject;
  /** Headers that came before the trailers; undefined if the answer was Trailers-Only. */
  readonly headers: Metadata | undefined;
}

function watch(request = 'order-1'): ClientReadableStream<string> {
  const stream = client.makeServerStreamRequest(PATH, same, String, text(request), new Metadata());
  stream.on('error', () => {});
  return stream;
}

async function outcome(stream: ClientReadableStream<string>): Promise<Outcome> {
  const messages: string[] = [];
  let headers: Metadata | undefined;
  stream.on('data', (message: string) => messages.push(message));
  stream.on('metadata', (metadata: Metadata) => {
    headers = metadata;
  });
  const end = await new Promise<StatusObject>((resolve) => stream.on('status', resolve));
  return { messages, status: end, headers };
}

describe('a streaming method', () => {
  it('answers what its handler yields, with its headers before the first message', async () => {
    handle = async function* (request, { headers }) {
      headers.set('etag', '"1"');
      yield `${request} packed`;
      yield `${request} sent`;
    };
    const { messages, status: end, headers } = await outcome(watch());
    expect(messages).toEqual(['order-1 packed', 'order-1 sent']);
    expect(end.code).toBe(status.OK);
    expect(headers?.get('etag')).toEqual(['"1"']);
  });

  it('answers an error before the first message as Trailers-Only, and one after it in the trailers', async () => {
    handle = async function* () {
      yield* [];
      throw notFound('ORDER_NOT_FOUND', 'there is no such order');
    };
    const first = await outcome(watch());
    expect(first).toMatchObject({ messages: [], headers: undefined, status: { code: status.NOT_FOUND } });
    handle = async function* () {
      yield 'packed';
      throw notFound('ORDER_NOT_FOUND', 'the order is gone');
    };
    const later = await outcome(watch());
    expect(later).toMatchObject({ messages: ['packed'], status: { code: status.NOT_FOUND } });
    expect(toRpcError(Object.assign(new Error(later.status.details), later.status))).toMatchObject({ reason: 'ORDER_NOT_FOUND' });
  });

  it('ends its handler when the caller cancels', async () => {
    const ended = Promise.withResolvers<unknown>();
    handle = async function* (_, { signal }) {
      try {
        yield 'packed';
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      } catch (error) {
        ended.resolve(error);
      }
    };
    const stream = watch();
    await once(stream, 'data');
    stream.cancel();
    expect(await ended.promise).toMatchObject({ code: status.CANCELLED });
  });

  it('ends at once with UNAVAILABLE when the server stops, also if its handler pays no heed', async () => {
    handle = async function* () {
      yield 'packed';
      await new Promise(() => {});
    };
    const stream = watch();
    const result = outcome(stream);
    await once(stream, 'data');
    stop.abort();
    expect((await result).status).toMatchObject({ code: status.UNAVAILABLE });
    expect(toRpcError(Object.assign(new Error(), (await result).status))).toMatchObject({ reason: 'STOPPING', retryAfterSeconds: 1 });
  });

  it('takes no more from its handler than the caller has room for', async () => {
    const LARGE = 'x'.repeat(64 * 1024);
    let yielded = 0;
    handle = async function* (_, { signal }) {
      while (!signal.aborted) {
        yielded++;
        yield LARGE;
      }
    };
    // A caller by bare HTTP/2 that reads nothing: grpc-js reads ahead.
    const session = connect(`http://${address}`).on('error', () => {});
    const stream = session.request({ ':method': 'POST', ':path': PATH, 'content-type': 'application/grpc', te: 'trailers' });
    stream.on('error', () => {});
    stream.end(Buffer.from([0, 0, 0, 0, 1, 0x31]));
    // It has come to rest when nothing more was yielded for a while.
    for (let before = -1; yielded === 0 || yielded !== before; ) {
      before = yielded;
      await sleep(200);
    }
    // A few for the buffers of both sides; without back-pressure it would go on.
    expect(yielded).toBeLessThan(100);
    session.destroy();
  });
});
