import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { failureReason, HttpClient } from './http-client.ts';
import { closedLoop, formatFailures, openLoop } from './load.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** Serves requests on a port of its own; returns a client of it. */
async function serve(listener: RequestListener, connections = 4): Promise<HttpClient> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A TCP server has an address of this form.
  const { port } = server.address() as AddressInfo;
  const client = new HttpClient(`http://127.0.0.1:${port}`, connections);
  closing.push(() => {
    client.close();
    server.close();
  });
  return client;
}

const unavailable = JSON.stringify({ code: 14, details: [{ '@type': 'x', reason: 'UPSTREAM_TIMEOUT' }] });

describe('a closed loop', () => {
  it('keeps failed answers apart by reason, and out of the latencies', async () => {
    let served = 0;
    const client = await serve((_, response) => {
      served++;
      if (served % 3 === 0) response.writeHead(503).end(unavailable);
      else if (served % 7 === 0) response.destroy();
      else response.end('{}');
    });
    let sent = 0;
    const { latencies, failures } = await closedLoop(4, 0.3, () => {
      sent++;
      return client.send('/');
    });
    const failed = [...failures.values()].reduce((sum, count) => sum + count, 0);
    expect(failures.get('UPSTREAM_TIMEOUT')).toBeGreaterThan(0);
    expect(failures.get('ECONNRESET')).toBeGreaterThan(0);
    expect(latencies.length + failed).toBe(sent);
  });

  it('cuts no call off: a call that is under way at the end is answered, and does not count for the rate', async () => {
    let answered = 0;
    const client = await serve((_, response) => {
      setTimeout(() => {
        answered++;
        response.end('{}');
      }, 150);
    });
    const { latencies, inTime } = await closedLoop(3, 0.05, () => client.send('/'));
    expect(answered).toBe(3);
    expect(latencies).toHaveLength(3);
    expect(inTime).toBe(0);
  });
});

describe('an open loop', () => {
  it('counts a wait of the system in the latencies of all calls that were due meanwhile', async () => {
    const waiting: (() => void)[] = [];
    let stuck = true;
    const client = await serve((_, response) => {
      const answer = () => void response.end('{}');
      if (stuck) waiting.push(answer);
      else answer();
    }, 2);
    setTimeout(() => {
      stuck = false;
      for (const answer of waiting) answer();
    }, 400);
    const { latencies, failures } = await openLoop(100, 0.3, () => client.send('/'));
    expect(failures.size).toBe(0);
    expect(latencies).toHaveLength(30);
    // The call that was due at 0 ms waits for 400 ms, the one due at 290 ms for 110 ms.
    expect(Math.min(...latencies)).toBeGreaterThan(100);
    expect(Math.max(...latencies)).toBeGreaterThan(390);
  });
});

describe('failureReason', () => {
  it.each([
    [{ status: 503, body: unavailable, ms: 1 }, 'UPSTREAM_TIMEOUT'],
    [{ status: 502, body: 'no healthy upstream', ms: 1 }, 'HTTP_502'],
    [{ status: 0, body: 'ECONNREFUSED', ms: 1 }, 'ECONNREFUSED'],
  ])('of %j is %s', (answer, reason) => {
    expect(failureReason(answer)).toBe(reason);
  });
});

describe('formatFailures', () => {
  it('marks a run with failures', () => {
    expect(formatFailures(new Map())).toBe('0');
    expect(formatFailures(new Map([['UPSTREAM_TIMEOUT', 2]]))).toBe('**2 UPSTREAM_TIMEOUT**');
  });
});
