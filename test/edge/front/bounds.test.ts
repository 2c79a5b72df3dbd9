import { connect as connectHttp2, constants } from 'node:http2';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { each, eventually, range } from '../../support/eventually.ts';
import { answer, type Backend, type Front, frameOf, messagesIn, startFront } from './envoy.ts';

const answering: Backend = async (stream) => {
  await messagesIn(stream);
  answer(stream, [new Uint8Array()]);
};

/** A connection on which a test says what is sent, byte by byte. */
interface Wire {
  readonly socket: Socket;
  /** What has come. */
  readonly received: () => string;
  /** When the other side has ended it. */
  readonly ended: Promise<void>;
}

async function wire(front: Front, ...sent: readonly (string | Uint8Array)[]): Promise<Wire> {
  const socket = connect(front.port, front.host);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  // A connection that is reset is one that has ended.
  socket.on('error', () => undefined);
  const ended = new Promise<void>((resolve) => {
    socket.once('end', resolve);
    socket.once('close', () => resolve());
  });
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  for (const piece of sent) socket.write(piece);
  return { socket, received: () => Buffer.concat(chunks).toString('latin1'), ended };
}

/** A way to the front on which from some moment nothing is passed on any more, as if the client's machine had lost power. */
async function relay(front: Front): Promise<AsyncDisposable & { readonly url: string; cut(): void }> {
  const sockets: Socket[] = [];
  const server = createServer((near) => {
    const far = connect(front.port, front.host);
    for (const socket of [near, far]) socket.on('error', () => undefined);
    near.pipe(far).pipe(near);
    sockets.push(near, far);
  });
  await new Promise<void>((resolve) => server.listen(0, front.host, resolve));
  // A server that listens on a TCP port has such an address.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${front.host}:${port}`,
    cut: () => {
      for (const socket of sockets) socket.unpipe().pause();
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** What begins an HTTP/2 connection: the preface and SETTINGS with nothing in it. */
const HTTP2_BEGIN = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])]);

// They wait most of the time.
describe.concurrent('a client that is slow', () => {
  it('with its headers is told so and cut off', async () => {
    await using front = await startFront({ backend: answering, limits: { headers: 0.5 } });
    const { received, ended } = await wire(front, 'GET /everything/x HTTP/1.1\r\nhost: localhost\r\nx-slow');
    await ended;
    expect(received()).toMatch(/^HTTP\/1\.1 408 /);
    expect(received()).toContain('"reason":"REQUEST_TIMEOUT"');
  });

  it.each([
    ['REST', '/everything', 'application/json', /^HTTP\/1\.1 408 .*"reason":"REQUEST_TIMEOUT"/s],
    ['Connect', '/everything.v1.EverythingService/Take', 'application/json', /^HTTP\/1\.1 408 .*"code":"deadline_exceeded"/s],
    ['gRPC-Web', '/everything.v1.EverythingService/Take', 'application/grpc-web+proto', /^HTTP\/1\.1 200 .*grpc-status: 4\r/s],
  ])('with its body is told so and cut off: %s', async (_, path, type, told) => {
    await using front = await startFront({ backend: answering, limits: { unary: 1 } });
    const head = `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: ${type}\r\ncontent-length: 100\r\n\r\n`;
    const { socket, received, ended } = await wire(front, head);
    // It never falls silent, and never ends.
    const drip = setInterval(() => socket.write(' '), 100);
    await ended;
    clearInterval(drip);
    expect(received()).toMatch(told);
  });

  it('cannot hold the connection that it does not use', async () => {
    await using front = await startFront({ backend: answering, limits: { idleConnection: 0.5 } });
    const [http1, http2] = await Promise.all([wire(front), wire(front, HTTP2_BEGIN)]);
    await Promise.all([http1.ended, http2.ended]);
    await eventually('nothing is held', async () => expect(await front.stat('http.front.downstream_cx_active')).toBe(0));
  });
});

describe.concurrent('a client that is gone without a word', () => {
  it('is noticed by what it does not answer, although a stream of it is open', async () => {
    let open = 0;
    await using front = await startFront({
      limits: { ping: 0.5, pingAnswer: 0.5 },
      backend: (stream) => {
        open++;
        stream.on('close', () => open--);
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
        stream.write(frameOf(new Uint8Array()));
      },
    });
    await using way = await relay(front);
    const session = connectHttp2(way.url);
    const watch = session.request({ ':method': 'GET', ':path': '/everything/x:watch' });
    for (const each of [session, watch]) each.on('error', () => undefined);
    await eventually('the stream is open', () => expect(open).toBe(1));
    way.cut();
    await eventually('the service is told that the call is over', () => expect(open).toBe(0));
    await eventually('nothing is held', async () => expect(await front.stat('http.front.downstream_cx_active')).toBe(0));
    session.destroy();
  });

  it('or by what it does not take, on a connection without pings', async () => {
    let open = 0;
    await using front = await startFront({
      limits: { unread: 1 },
      backend: (stream) => {
        open++;
        stream.on('close', () => open--);
        stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
        const message = frameOf(Buffer.from([0x0a, 0x80, 0x80, 0x04, ...Buffer.alloc(64 * 1024, 'x')]));
        const more = () => {
          while (!stream.destroyed && stream.write(message));
        };
        stream.on('drain', more);
        more();
      },
    });
    const { socket } = await wire(front, 'GET /everything/x:watch HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await new Promise<void>((resolve) => socket.once('data', () => resolve()));
    socket.pause();
    await eventually('the service is told that the call is over', () => expect(open).toBe(0));
    await eventually('nothing is held', async () => expect(await front.stat('http.front.downstream_cx_active')).toBe(0));
    socket.destroy();
  });
});

describe('a client that sends too much', () => {
  it.each([
    ['one header', `x-long: ${'x'.repeat(40 * 1024)}\r\n`],
    [
      'many headers',
      range(200)
        .map((index) => `x-${index}: 1\r\n`)
        .join(''),
    ],
  ])('in %s is refused', async (_, headers) => {
    await using front = await startFront({ backend: answering });
    const { received, ended } = await wire(front, `GET /everything/x HTTP/1.1\r\nhost: localhost\r\n${headers}\r\n`);
    await ended;
    expect(received()).toMatch(/^HTTP\/1\.1 431 /);
    expect(received()).toContain('"reason":"HEADERS_TOO_LARGE"');
  });

  it.each([
    ['whose length it tells', false],
    ['whose length it does not tell', true],
  ])('in a body %s is refused, and the service does not see it', async (_, chunked) => {
    let calls = 0;
    await using front = await startFront({ limits: { body: 64 * 1024 }, backend: () => calls++ });
    const part = new TextEncoder().encode(' '.repeat(16 * 1024));
    const body = chunked
      ? new ReadableStream({
          pull: (controller) => controller.enqueue(part),
        })
      : Buffer.alloc(65 * 1024, ' ');
    const response = await fetch(`${front.url}/everything`, { method: 'POST', body, duplex: 'half' } as RequestInit);
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ code: 8, details: [{ reason: 'REQUEST_TOO_LARGE' }] });
    expect(calls).toBe(0);
  });

  it('by resetting streams as fast as it opens them is cut off, and others are served', async () => {
    await using front = await startFront({ backend: answering });
    const session = connectHttp2(front.url);
    session.on('error', () => undefined);
    const over = new Promise<void>((resolve) => session.once('close', resolve));
    const attack = () => {
      for (let count = 0; count < 100 && !session.destroyed && !session.closed; count++) {
        const stream = session.request({ ':method': 'GET', ':path': '/everything/x' });
        stream.on('error', () => undefined);
        stream.close(constants.NGHTTP2_CANCEL);
      }
      if (!session.destroyed && !session.closed) setImmediate(attack);
    };
    attack();
    await over;
    expect(await front.stat('http.front.downstream_rq_too_many_premature_resets')).toBe(1);
    expect((await fetch(`${front.url}/everything/x`)).status).toBe(200);
  });
});

describe('clients that are many', () => {
  it('have as many connections as there is room for, and get more when others end', async () => {
    await using front = await startFront({ backend: answering, limits: { connections: 20 } });
    const held = await each(range(20), 20, () => wire(front));
    await eventually('all are taken', async () => expect(await front.stat('http.front.downstream_cx_active')).toBe(20));
    const beyond = await wire(front, 'GET /everything/x HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await beyond.ended;
    expect(beyond.received()).toBe('');
    for (const { socket } of held) socket.destroy();
    await eventually('there is room again', async () => expect((await fetch(`${front.url}/everything/x`)).status).toBe(200));
  });

  it('are not served while memory is used up', async () => {
    let calls = 0;
    await using front = await startFront({ limits: { heap: 1024 * 1024 }, backend: () => calls++ });
    for (const action of ['stop_accepting_requests', 'stop_accepting_connections', 'reset_high_memory_stream'])
      await eventually(`${action} is in force`, async () =>
        expect(
          await front.stat(`overload.envoy.overload_actions.${action}.${action.startsWith('reset') ? 'scale_percent' : 'active'}`),
        ).toBeGreaterThan(0),
      );
    // It waits to be accepted, or is refused where its connection was accepted before.
    const status = await fetch(`${front.url}/everything/x`, { signal: AbortSignal.timeout(1000) }).then(
      (response) => response.status,
      () => 'no answer',
    );
    expect(['no answer', 503]).toContain(status);
    expect(calls).toBe(0);
  });
});
