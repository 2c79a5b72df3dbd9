import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Message } from '../json.ts';
import type { Mesh } from '../policy/mesh.ts';
import { at, CAR, meshOf, messages, rule } from '../testing/mesh.ts';
import { writeSidecar } from './sidecar.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sidecar-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

const pod = (app: string, address: string, labels: Record<string, string> = {}) => ({
  name: `${app}-${address.at(-1)}`,
  namespace: 'rentcar',
  address,
  labels: { app, ...labels },
  serviceAccount: app,
});
const CARS = [pod('car', '127.0.1.1', { version: 'v1' }), pod('car', '127.0.1.2', { version: 'v2' })];

function write(mesh: Mesh, workload = pod('reservation', '127.0.2.1')): (file: string) => Message[] {
  writeSidecar({ mesh, workload, workloads: [...CARS, workload], directory });
  return (file) => JSON.parse(readFileSync(join(directory, file), 'utf8')).resources;
}

const addresses = (cluster: Message | undefined) =>
  messages(at(cluster, 'load_assignment', 'endpoints', 0, 'lb_endpoints')).map((entry) => {
    const socket = at(entry, 'endpoint', 'address', 'socket_address');
    return `${at(socket, 'address')}:${at(socket, 'port_value')}`;
  });

describe('a sidecar', () => {
  it('reaches the pods that a service or subset selects', () => {
    const read = write(meshOf(rule('{host: car, subsets: [{name: v2, labels: {version: v2}}]}')));
    const clusters = new Map(read('cds.json').map((cluster) => [cluster.name, cluster]));
    expect(addresses(clusters.get(CAR))).toEqual(['127.0.1.1:50051', '127.0.1.2:50051']);
    expect(addresses(clusters.get('outbound|50051|v2|car.rentcar.svc.cluster.local'))).toEqual(['127.0.1.2:50051']);
  });

  it('passes what comes in to its own service', () => {
    const read = write(meshOf(), CARS[0]);
    const inbound = read('cds.json').find((cluster) => cluster.name === 'inbound|50051||');
    expect(addresses(inbound)).toEqual(['127.0.1.1:50052']);
    expect(read('lds.json').map((listener) => listener.name)).toEqual(['outbound', 'inbound|50051']);
  });

  it('tells ports apart by the authority, since all calls come to one listener', () => {
    const [routes] = write(meshOf())('rds.json');
    const domains = new Map(messages(routes?.virtual_hosts).map((host) => [host.name, host.domains]));
    expect(domains.get('payment.starcoffee.svc.cluster.local:50051')).toContain('payment.starcoffee:50051');
    expect(domains.get('payment.starcoffee.svc.cluster.local:8080')).toContain('payment.starcoffee:8080');
    expect(domains.get('block_all')).toEqual(['*']);
  });

  it('keeps a cluster that is no longer wanted for one more version, until its routes are gone', () => {
    const name = 'outbound|50051|v2|car.rentcar.svc.cluster.local';
    const has = (read: (file: string) => Message[]) => read('cds.json').some((cluster) => cluster.name === name);
    expect(has(write(meshOf(rule('{host: car, subsets: [{name: v2, labels: {version: v2}}]}'))))).toBe(true);
    expect(has(write(meshOf()))).toBe(true);
    expect(has(write(meshOf(rule('{host: car, trafficPolicy: {loadBalancer: {simple: RANDOM}}}'))))).toBe(false);
  });
});
