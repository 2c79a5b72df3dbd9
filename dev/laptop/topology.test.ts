import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PORTS } from '../../envoy/index.ts';
import { root } from '../paths.mjs';
import { services } from '../systems/services.ts';
import { claims } from './claims.ts';
import { serviceEnvironment } from './service-environment.ts';
import { adminSocketOf, type Pod, podOf, podPorts, text, topology, topologyFromEnvironment } from './topology.ts';

const stores = { postgresUri: (name: string) => `postgres://${name}`, mongoUri: (name: string) => `mongodb://${name}` };

function pod(name: string): Pod {
  const found = topology(0).pods.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no pod ${name}`);
  return found;
}

describe('the layout of a running system', () => {
  it('gives every pod and every engine an address of its own', () => {
    const { pods, edge, postgres, kafka, mongo } = topology(0);
    const hosts = [...pods.map(({ workload }) => workload.address), edge.address, postgres.host, kafka.host, mongo.host];
    expect(new Set(hosts).size).toBe(hosts.length);
  });

  it('gives every service a number of its own, apart from the engines and the edge', () => {
    const numbers = services.map(({ number }) => number);
    expect(new Set(numbers).size).toBe(numbers.length);
    for (const number of numbers) expect(number).toSatisfy((each: number) => each >= 1 && each <= 253);
  });

  it('keeps instances apart: addresses, edge ports and places', () => {
    const [first, second] = [topology(0), topology(1)];
    const addresses = (each: typeof first) => claims(each, true).map(({ address }) => text(address));
    expect(addresses(first).filter((address) => addresses(second).includes(address))).toEqual([]);
    expect(first.edgeListen).toEqual({ host: '127.0.0.1', port: 8088 });
    expect(second.edgeListen.port).toBe(8188);
    expect(first.state.root).not.toBe(second.state.root);
  });

  it('has for each further replica an address beside those of the first ones', () => {
    const first = topology(3).pods.find(({ name }) => name === 'rentcar/car-1');
    if (first === undefined) throw new Error('car has no pod');
    expect(podOf(3, first.service, 1)).toEqual(first);
    expect(podOf(3, first.service, 2)).toMatchObject({
      name: 'rentcar/car-2',
      workload: { name: 'car-2', address: '127.23.1.2', labels: { app: 'car' } },
    });
  });

  it('uses the ports that the sidecars are written for', () => {
    expect(PORTS).toMatchObject(podPorts);
  });

  it('has a socket path that a unix socket can have, however deep the checkout is', () => {
    const deep = topology(0, { home: `/${'deep/'.repeat(60)}` });
    expect(Buffer.byteLength(deep.state.socket)).toBeLessThanOrEqual(103);
    expect(Buffer.byteLength(adminSocketOf(deep, deep.edge))).toBeLessThanOrEqual(103);
  });
});

describe('the settings of a service', () => {
  it('are its own address, its sidecar, the brokers, its own database alone, and that faults may be played', () => {
    expect(serviceEnvironment(topology(0), pod('rentcar/car-1'), stores)).toEqual({
      LISTEN_ADDRESS: '127.20.1.1:50052',
      OUTBOUND_PROXY: '127.20.1.1:15001',
      KAFKA_BROKERS: '127.20.0.3:19092',
      DATABASE_URL: 'postgres://rentcar_car',
      FAULT_INJECTION: 'allowed',
    });
    expect(serviceEnvironment(topology(0), pod('rentcar/mypage-1'), stores)).toMatchObject({ MONGODB_URI: 'mongodb://rentcar_mypage' });
  });
});

describe('the environment', () => {
  it('chooses the instance and the port of the edge', () => {
    expect(topologyFromEnvironment({}).instance).toBe(0);
    const chosen = topologyFromEnvironment({ RENTMESH_INSTANCE: '3', RENTMESH_PORT: '9000' });
    expect([chosen.instance, chosen.edgeListen.port]).toEqual([3, 9000]);
  });

  it('chooses the folder of the policies, from the repository', () => {
    expect(topologyFromEnvironment({}).mesh).toBe(join(root, 'mesh'));
    expect(topologyFromEnvironment({ RENTMESH_MESH: 'mesh/rentcar' }).mesh).toBe(join(root, 'mesh/rentcar'));
  });

  it('is refused with a sentence that names the variable', () => {
    expect(() => topologyFromEnvironment({ RENTMESH_INSTANCE: 'two' })).toThrow(
      'RENTMESH_INSTANCE has to be a number from 0 to 200, not "two".',
    );
    expect(() => topologyFromEnvironment({ RENTMESH_PORT: '0' })).toThrow('RENTMESH_PORT');
    expect(() => topologyFromEnvironment({ RENTMESH_MESH: 'package.json' })).toThrow(
      'RENTMESH_MESH has to be a folder, and "package.json" is none.',
    );
  });
});
