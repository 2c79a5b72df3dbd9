import type { ServerHttp2Stream } from 'node:http2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { type Front, frameOf, startFront } from './envoy.ts';

let front: Front;
/** The running call, as the service has it. */
let call: ServerHttp2Stream;

beforeAll(async () => {
  front = await startFront({
    backend: (stream) => {
      call = stream;
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      tell('first');
    },
  });
});
afterAll(() => front[Symbol.asyncDispose]());

/** Sends a WatchResponse. */
function tell(text: string): void {
  call.write(frameOf(Buffer.from([0x0a, text.length, ...Buffer.from(text)])));
}

describe('a streaming method by REST', () => {
  it('answers each message as a line of JSON when it comes', async () => {
    const response = await fetch(`${front.url}/everything/x:watch`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toBe('{"text":"first"}\n');
    tell('second');
    expect((await reader?.read())?.value).toBe('{"text":"second"}\n');
    call.end();
    expect((await reader?.read())?.done).toBe(true);
  });

  it('is cancelled when its caller goes away', async () => {
    const leaving = new AbortController();
    const response = await fetch(`${front.url}/everything/x:watch`, { signal: leaving.signal });
    await response.body?.getReader().read();
    const closed = closeOf(call);
    leaving.abort();
    await closed;
    expect(call.rstCode).not.toBe(0);
  });

  it('is not read further from the service than its caller reads, and holds up nobody else', async () => {
    const leaving = new AbortController();
    const poured: Poured[] = [];
    for (let callers = 0; callers < 3; callers++) {
      const response = await fetch(`${front.url}/everything/x:watch`, { signal: leaving.signal });
      await response.body?.getReader().read();
      poured.push(pour(call, 32 * MIB));
    }
    const pauses = () => front.stat('cluster.mesh.upstream_flow_control_paused_reading_total');
    await eventually('reading pauses for each', async () => expect(await pauses()).toBeGreaterThanOrEqual(poured.length));
    let before = -1;
    await eventually('nothing more is read from the service', () => {
      const now = poured.reduce((sum, { bytes }) => sum + bytes, 0);
      const stands = now === before;
      before = now;
      expect(stands).toBe(true);
    });
    const reader = (await fetch(`${front.url}/everything/x:watch`, { signal: AbortSignal.timeout(10_000) })).body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('{"text":"first"}\n');
    call.end();
    // How much the kernel holds of a connection that nobody reads depends on the machine.
    for (const { bytes } of poured) expect(bytes).toBeLessThan(24 * MIB);
    leaving.abort();
    await Promise.all(poured.map(({ closed }) => closed));
  });
});

const MIB = 1024 * 1024;
/** A WatchResponse of 64 KiB. */
const MESSAGE = frameOf(Buffer.from([0x0a, 0x80, 0x80, 0x04, ...Buffer.alloc(64 * 1024, 'x')]));

/** What a service sends as fast as it is taken. */
interface Poured {
  /** So many were taken. */
  bytes: number;
  readonly closed: Promise<void>;
}

function pour(stream: ServerHttp2Stream, limit: number): Poured {
  const poured: Poured = { bytes: 0, closed: closeOf(stream) };
  const next = () => {
    if (poured.bytes >= limit) return;
    stream.write(MESSAGE, (error) => {
      if (error) return;
      poured.bytes += MESSAGE.length;
      next();
    });
  };
  next();
  return poured;
}

/** When a call is over, however. */
function closeOf(stream: ServerHttp2Stream): Promise<void> {
  return new Promise((resolve) => stream.once('close', resolve));
}
