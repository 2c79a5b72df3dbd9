import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { at, messages } from '../testing/mesh.ts';
import { publicImage } from './image.ts';
import { edgeSettings } from './settings.ts';
import { EDGE_PORTS, standaloneEdge } from './standalone.ts';

const image = publicImage(readFileSync(new URL('../../gen/image.binpb', import.meta.url)));

describe('the edge on a cluster', () => {
  const edge = standaloneEdge({ image, imageFile: '/etc/edge/image.binpb', settings: edgeSettings({}) });
  const listeners = messages(at(edge, 'static_resources', 'listeners'));

  it('takes requests on every address of its pod, and commands only from within', () => {
    expect(listeners.map((listener) => at(listener, 'address', 'socket_address'))).toEqual([
      { address: '0.0.0.0', port_value: EDGE_PORTS.front },
      { address: '0.0.0.0', port_value: EDGE_PORTS.ready },
    ]);
    expect(at(edge, 'admin', 'address', 'socket_address')).toEqual({ address: '127.0.0.1', port_value: EDGE_PORTS.admin });
  });

  it('dials a name of the mesh on the port of gRPC, where the sidecar takes the call and leads it by its authority', () => {
    const [cluster, ...others] = messages(at(edge, 'static_resources', 'clusters'));
    expect(others).toEqual([]);
    expect(cluster).toMatchObject({ name: 'mesh', type: 'STRICT_DNS' });
    expect(at(cluster, 'load_assignment', 'endpoints', 0, 'lb_endpoints', 0, 'endpoint', 'address', 'socket_address')).toEqual({
      address: 'gateway.edge.svc.cluster.local',
      port_value: 50051,
    });
  });

  it('completes what the sidecars answer to gRPC too, before the transcoder makes JSON of it', () => {
    const filters = messages(at(listeners[0], 'filter_chains', 0, 'filters', 0, 'typed_config', 'http_filters'));
    const names = filters.map(({ name }) => name);
    expect(names.indexOf('rentmesh.completion')).toBe(names.indexOf('envoy.filters.http.grpc_json_transcoder') + 1);
    expect(filters.find(({ name }) => name === 'rentmesh.completion')?.disabled).toBeUndefined();
  });
});
