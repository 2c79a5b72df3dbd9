import { describe, expect, it } from 'vitest';
import { State } from '#proto/rentmesh/observer/v1/observer.ts';
import type { SystemStatus } from '../laptop/control.ts';
import type { ProcessStatus } from '../laptop/process-spec.ts';
import { rowsBetween } from '../mesh/rates.ts';
import type { ClusterSample } from '../mesh/stats.ts';
import { type Measured, meshOf, workloadOf } from './mesh.ts';

function running(name: string, more: Partial<ProcessStatus> = {}): ProcessStatus {
  return { name, title: name, address: '', state: 'ready', pid: 1, restarts: 0, uptime: 1, lastExit: undefined, log: '', ...more };
}

const processes = [
  'postgres',
  'rentcar/reservation-1',
  'rentcar/reservation-1-sidecar',
  'rentcar/car-1',
  'rentcar/car-1-sidecar',
  'rentcar/car-2',
  'rentcar/car-2-sidecar',
  'edge',
].map((name) => running(name));

const status: SystemStatus = {
  instance: 0,
  pid: 1,
  edge: 'http://127.0.0.1:8088',
  ready: true,
  warnings: [],
  systems: ['rentcar'],
  policy: { ok: true, at: '2026-01-01T00:00:00Z' },
  processes,
};

const CAR = 'car.rentcar.svc.cluster.local';

function cluster(sidecar: string, values: Record<string, number>, more: Partial<ClusterSample> = {}): ClusterSample {
  return {
    sidecar,
    direction: 'outbound',
    host: CAR,
    port: 50051,
    subset: '',
    values: new Map(Object.entries(values)),
    times: [],
    limits: { calls: 4, waiting: undefined, retries: undefined, connections: undefined },
    replicas: [],
    ...more,
  };
}

function measured(clusters: readonly ClusterSample[], more: Partial<Measured> = {}) {
  const after = { at: 1000, clusters, silent: [] };
  const before = { at: 0, clusters: [], silent: [] };
  return meshOf({
    status,
    rows: rowsBetween(before, after, workloadOf)
      .filter(({ direction }) => direction === 'outbound')
      .concat(rowsBetween(before, after).filter(({ direction }) => direction === 'inbound')),
    silent: [],
    seconds: 1,
    services: [
      { system: 'rentcar', name: 'car', number: 1, replicas: 2, main: '', store: 'postgres' },
      { system: 'rentcar', name: 'reservation', number: 2, replicas: 1, main: '', store: 'none' },
    ],
    callPaths: [],
    play: undefined,
    time: new Date(0),
    ...more,
  });
}

describe('a state of the mesh', () => {
  it('shows each service with its replicas and their sidecars, the edge first, and the engines apart', () => {
    const { workloads, engines } = measured([]);
    expect(workloads.map(({ name, host, store, replicas }) => [name, host, store, replicas.map((replica) => replica.name)])).toEqual([
      ['edge', '', '', ['edge']],
      ['rentcar/reservation', 'reservation.rentcar.svc.cluster.local', '', ['rentcar/reservation-1']],
      ['rentcar/car', CAR, 'postgres', ['rentcar/car-1', 'rentcar/car-2']],
    ]);
    expect(engines.map(({ name }) => name)).toEqual(['postgres']);
  });

  it('tells apart a replica that is away and a sidecar that does not answer', () => {
    const changed = processes.map((each) =>
      each.name === 'rentcar/car-2' ? running('rentcar/car-2', { state: 'backing off', restarts: 3 }) : each,
    );
    const { workloads } = measured([], { status: { ...status, processes: changed }, silent: ['rentcar/car-1'] });
    expect(workloads.at(-1)?.replicas).toMatchObject([
      { name: 'rentcar/car-1', state: State.READY, sidecarAnswers: false },
      { name: 'rentcar/car-2', state: State.BACKING_OFF, sidecarAnswers: true, restarts: 3 },
    ]);
  });

  it('counts what comes in to each replica by itself', () => {
    const inbound = { direction: 'inbound', host: '' } as const;
    const { workloads } = measured([
      cluster('rentcar/car-1', { 'grpc.total': 7, 'grpc.success': 7, upstream_rq_active: 2 }, inbound),
      cluster('rentcar/car-2', { 'grpc.total': 1, 'grpc.success': 1 }, inbound),
    ]);
    expect(workloads.at(-1)?.replicas).toMatchObject([
      { calls: 7, inFlight: 2 },
      { calls: 1, inFlight: 0 },
    ]);
  });

  it('shows calls that were made or are declared, and no others', () => {
    const path = {
      caller: 'rentcar/reservation',
      host: CAR,
      subset: '',
      method: 'rentcar.car.v1.CarService/CheckUpdateStock',
      isDeclared: true,
    };
    const clusters = [
      cluster('edge', { 'grpc.total': 5, 'grpc.success': 4, 'grpc.0': 4, 'grpc.14': 1 }),
      cluster('edge', {}, { subset: 'v2' }),
      cluster('rentcar/reservation-1', {}),
    ];
    expect(measured(clusters, { callPaths: [path] }).calls).toMatchObject([
      {
        caller: 'edge',
        callee: 'rentcar/car',
        subset: '',
        calls: 5,
        successes: 4,
        statuses: { OK: 4, UNAVAILABLE: 1 },
        used: true,
        methods: [],
      },
      { caller: 'rentcar/reservation', used: false, methods: ['rentcar.car.v1.CarService/CheckUpdateStock'] },
    ]);
  });

  it('shows a circuit as open while a limit is reached or all replicas are ejected, with the reason', () => {
    const calls = { 'grpc.total': 1, 'grpc.success': 1 };
    const reached = { ...calls, 'circuit_breakers.default.rq_open': 1, 'circuit_breakers.default.remaining_rq': 0 };
    const ejected = (name: string) => ({ name, ejected: true, calls: 0, failures: 0 });
    const { calls: shown } = measured([
      cluster('edge', reached),
      cluster('edge', calls, { subset: 'v2', replicas: [ejected('rentcar/car-1'), ejected('rentcar/car-2')] }),
      cluster('edge', calls, { subset: 'v3', replicas: [ejected('rentcar/car-1'), { ...ejected('rentcar/car-2'), ejected: false }] }),
    ]);
    expect(shown.map(({ circuit }) => [circuit?.open, circuit?.reasons])).toEqual([
      [true, ['calls']],
      [true, ['all ejected']],
      [false, []],
    ]);
    expect(shown[0]?.circuit?.limits).toEqual([{ name: 'calls', limit: 4, left: 0 }]);
    expect(shown[2]?.destinations).toEqual([
      { name: 'rentcar/car-1', ejected: true },
      { name: 'rentcar/car-2', ejected: false },
    ]);
  });

  it('shows a circuit that has refused calls and closed again between two states', () => {
    const { calls } = measured([cluster('edge', { 'grpc.total': 9, upstream_cx_none_healthy: 3 })]);
    expect(calls[0]).toMatchObject({ noReplica: 3, circuit: { open: true, reasons: ['all were ejected'] } });
  });

  it('says that the policies in the files are not those in force', () => {
    const policy = { ok: false, at: '2026-01-01T00:00:00Z', error: 'mesh/car.yaml:3: what is wrong' };
    expect(measured([], { status: { ...status, policy } }).policies).toEqual({ inForce: false, error: 'mesh/car.yaml:3: what is wrong' });
  });
});
