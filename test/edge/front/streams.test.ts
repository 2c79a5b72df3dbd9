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

  it('is not read further from the service than the caller reads', async () => {
    const leaving = new AbortController();
    const response = await fetch(`${front.url}/everything/x:watch`, { signal: leaving.signal });
    await response.body?.getReader().read();
    const closed = closeOf(call);
    // More than the buffers on the way hold: Envoy's on both sides, and those of the sockets.
    const message = frameOf(Buffer.from([0x0a, 0x80, 0x80, 0x04, ...Buffer.alloc(64 * 1024, 'x')]));
    for (let bytes = 0; bytes < 64 * 1024 * 1024; bytes += message.length) call.write(message);
    await eventually('the front no longer reads from the service', async () => {
      expect(await front.stat('cluster.mesh.upstream_flow_control_paused_reading_total')).toBeGreaterThan(0);
    });
    expect(await front.stat('cluster.mesh.upstream_cx_rx_bytes_total')).toBeLessThan(16 * 1024 * 1024);
    expect(await front.stat('http.front.downstream_cx_tx_bytes_buffered')).toBeLessThan(8 * 1024 * 1024);
    leaving.abort();
    await closed;
  });
});

/** When a call is over, however. */
function closeOf(stream: ServerHttp2Stream): Promise<void> {
  return new Promise((resolve) => stream.once('close', resolve));
}
