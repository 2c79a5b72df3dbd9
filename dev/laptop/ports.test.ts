import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { requireFree, sentence } from './ports.ts';

const edge = { address: { host: '127.0.0.1', port: 8088 }, purpose: 'the edge' };
const kafka = { address: { host: '127.20.0.3', port: 19092 }, purpose: 'Kafka' };

describe('an address that cannot be had', () => {
  it('is told with its purpose and how to find who has it', () => {
    expect(sentence(kafka, 'EADDRINUSE', 'linux')).toBe(
      "The address 127.20.0.3:19092, for Kafka, is taken by another program: stop it (`ss -ltnp 'sport = :19092'` shows it).",
    );
    expect(sentence(edge, 'EADDRINUSE', 'darwin')).toMatch(/lsof .*RENTMESH_PORT/);
  });

  it('is told with how to add it where the loopback interface has only one', () => {
    expect(sentence(kafka, 'EADDRNOTAVAIL', 'darwin')).toBe(
      'The address 127.20.0.3, for Kafka, is not there: add it with `sudo ifconfig lo0 alias 127.20.0.3`.',
    );
  });

  it('is found before anything is started', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('a TCP server has an address');
    const claim = { address: { host: '127.0.0.1', port: address.port }, purpose: 'the test' };
    await expect(requireFree([claim])).rejects.toThrow(`127.0.0.1:${address.port}, for the test, is taken`);
    server.close();
    await once(server, 'close');
    await requireFree([claim]);
  });
});
