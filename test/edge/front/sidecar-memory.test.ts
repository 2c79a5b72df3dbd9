import { mkdtempSync } from 'node:fs';
import { type ClientHttp2Stream, connect } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { withWindows } from '../../../envoy/sidecar/clusters.ts';
import { inboundListener } from '../../../envoy/sidecar/listeners.ts';
import { overloadManager, SIDECAR_HEAP } from '../../../envoy/sidecar/overload.ts';
import { eventually } from '../../support/eventually.ts';
import { HOST, startEnvoy } from './envoy.ts';

const STREAMS = 1000;
const CLUSTER = 'inbound|50051||';

it('a service that reads nothing of 1,000 streams does not grow the sidecar beyond its heap limit', async () => {
  await using sidecar = await startEnvoy({
    // Takes each stream, and never reads.
    backend: () => undefined,
    folder: mkdtempSync(join(tmpdir(), 'rentmesh-sidecar-')),
    listener: inboundListener(HOST, 0, CLUSTER),
    cluster: (endpoint) =>
      withWindows({
        name: CLUSTER,
        type: 'STATIC',
        circuit_breakers: { thresholds: [{ max_requests: 4096, max_pending_requests: 4096 }] },
        load_assignment: { cluster_name: CLUSTER, endpoints: [{ lb_endpoints: [{ endpoint }] }] },
        typed_extension_protocol_options: {
          'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
            '@type': 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions',
            explicit_http_config: { http2_protocol_options: {} },
          },
        },
      }),
    bootstrap: overloadManager({ heap: SIDECAR_HEAP }),
  });
  const session = connect(sidecar.url);
  session.on('error', () => undefined);
  const streams = Array.from({ length: STREAMS }, () => open(session.request({ ':method': 'POST', ':path': '/a.v1.B/C' })));
  try {
    // Until the sidecar takes no more: what is left waits in this process.
    let [before, most, looks] = [0, 0, 0];
    await eventually(
      'the sidecar takes no more',
      async () => {
        const taken = await sidecar.stat('http.inbound_0.downstream_cx_rx_bytes_total');
        most = Math.max(most, await sidecar.memory());
        looks = taken > before ? 0 : looks + 1;
        before = taken;
        if (taken < STREAMS * 1024 || looks < 20) throw new Error(`${taken} bytes so far`);
      },
      60_000,
    );
    expect(most).toBeLessThan(SIDECAR_HEAP / 2);
  } finally {
    for (const stream of streams) stream.destroy();
    session.destroy();
  }
});

/** Sends more than any window holds. */
function open(stream: ClientHttp2Stream): ClientHttp2Stream {
  stream.on('error', () => undefined);
  stream.write(Buffer.alloc(512 * 1024));
  return stream;
}
