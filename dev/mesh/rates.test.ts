import { describe, expect, it } from 'vitest';
import { quantile } from './counter-deltas.ts';
import { openedBy, rowsBetween } from './rates.ts';
import type { ClusterSample, Sample } from './stats.ts';

function cluster(values: Record<string, number>, more: Partial<ClusterSample> = {}): ClusterSample {
  return {
    sidecar: 'reservation-1',
    direction: 'outbound',
    host: 'car.rentcar.svc.cluster.local',
    port: 50051,
    subset: '',
    values: new Map(Object.entries(values)),
    times: [],
    limits: { calls: 4, waiting: 2, retries: undefined, connections: 64 },
    replicas: [],
    ...more,
  };
}

function sampled(at: number, ...clusters: ClusterSample[]): Sample {
  return { at, clusters, silent: [] };
}

describe('rows', () => {
  it('tell what happened between two samples', () => {
    const before = sampled(0, cluster({ 'grpc.total': 100, 'grpc.success': 100, 'grpc.0': 100, upstream_rq_total: 100 }));
    const after = sampled(
      2000,
      cluster({
        'grpc.total': 150,
        'grpc.success': 140,
        'grpc.0': 140,
        'grpc.14': 10,
        upstream_rq_total: 145,
        upstream_rq_retry: 5,
        upstream_rq_retry_success: 3,
        upstream_rq_active_overflow: 7,
        upstream_rq_pending_overflow: 3,
      }),
    );
    expect(rowsBetween(before, after)).toMatchObject([
      {
        sidecar: 'reservation-1',
        callee: 'rentcar/car',
        seconds: 2,
        calls: 50,
        callsPerSecond: 25,
        success: 0.8,
        statuses: { OK: 40, UNAVAILABLE: 10 },
        tries: 45,
        retries: 5,
        retriesSucceeded: 3,
        refused: 10,
        noReplica: 0,
        timeouts: 0,
        callsEver: 150,
      },
    ]);
  });

  it('count from the start of a sidecar that was started anew in between', () => {
    const before = sampled(0, cluster({ 'grpc.total': 100, 'grpc.success': 90, upstream_rq_total: 100 }));
    const after = sampled(1000, cluster({ 'grpc.total': 7, 'grpc.success': 7, upstream_rq_total: 7 }));
    expect(rowsBetween(before, after)).toMatchObject([{ calls: 7, success: 1 }]);
  });

  it('know no success rate without calls', () => {
    const one = sampled(0, cluster({ 'grpc.total': 5 }));
    expect(rowsBetween(one, { ...one, at: 1000 })[0]).toMatchObject({ calls: 0, success: undefined, p50: undefined });
  });

  it('take HTTP statuses where no gRPC was spoken', () => {
    const after = sampled(1000, cluster({ upstream_rq_completed: 10, upstream_rq_5xx: 1 }));
    expect(rowsBetween(sampled(0), after)).toMatchObject([{ calls: 10, success: 0.9 }]);
  });

  it('count what is no gRPC where a service is called in both ways', () => {
    const before = sampled(0, cluster({ 'grpc.total': 5, 'grpc.success': 5, upstream_rq_completed: 20 }));
    const after = sampled(1000, cluster({ 'grpc.total': 5, 'grpc.success': 5, upstream_rq_completed: 24, upstream_rq_5xx: 1 }));
    expect(rowsBetween(before, after)).toMatchObject([{ calls: 4, success: 0.75 }]);
  });

  it('show what is left of each limit, and which is reached', () => {
    const values = {
      'circuit_breakers.default.remaining_rq': 0,
      'circuit_breakers.default.rq_open': 1,
      'circuit_breakers.default.remaining_pending': 2,
    };
    expect(rowsBetween(undefined, sampled(0, cluster(values)))[0]?.circuit).toEqual({
      calls: { limit: 4, left: 0, isOpen: true },
      waiting: { limit: 2, left: 2, isOpen: false },
      retries: { limit: undefined, left: undefined, isOpen: false },
      connections: { limit: 64, left: 64, isOpen: false },
    });
  });

  it('name the replicas that are ejected', () => {
    const replicas = [
      { name: 'car-1', ejected: true, calls: 9, failures: 5 },
      { name: 'car-2', ejected: false, calls: 9, failures: 0 },
    ];
    expect(rowsBetween(undefined, sampled(0, cluster({}, { replicas, subset: 'v1' })))[0]).toMatchObject({
      callee: 'rentcar/car, v1',
      ejected: ['car-1'],
    });
  });

  it('have the response times of the time between', () => {
    const slow = [{ from: 900, width: 10, count: 100 }];
    const before = sampled(0, cluster({}, { times: slow }));
    const after = sampled(1000, cluster({}, { times: [{ from: 10, width: 1, count: 99 }, ...slow, { from: 50, width: 1, count: 1 }] }));
    const [row] = rowsBetween(before, after);
    expect(row?.p50).toBeCloseTo(10.5, 1);
    expect(row?.p99).toBeCloseTo(11, 1);
  });
});

describe('rows of groups', () => {
  const replica = (name: string, ejected: boolean) => ({ name, ejected, calls: 1, failures: 0 });
  const group = (sidecar: string) => sidecar.replace(/-\d+$/, '');
  const second = { sidecar: 'reservation-2' };

  it('add up what the sidecars of a group have counted, and take their response times together', () => {
    const after = sampled(
      1000,
      cluster({ 'grpc.total': 3, 'grpc.success': 3 }, { times: [{ from: 10, width: 2, count: 3 }] }),
      cluster({ 'grpc.total': 1, 'grpc.success': 0 }, { ...second, times: [{ from: 10, width: 2, count: 1 }] }),
    );
    expect(rowsBetween(sampled(0), after, group)).toMatchObject([{ sidecar: 'reservation', calls: 4, success: 0.75, p50: 11 }]);
  });

  it('count a sidecar that was started anew from its start, and the others from where they were', () => {
    const values = (total: number) => ({ 'grpc.total': total, 'grpc.success': total, upstream_rq_total: total });
    const before = sampled(0, cluster(values(10)), cluster(values(10), second));
    const after = sampled(1000, cluster(values(15)), cluster(values(2), second));
    expect(rowsBetween(before, after, group)).toMatchObject([{ calls: 7 }]);
  });

  it('show a circuit that is open in one of the sidecars', () => {
    const open = { 'circuit_breakers.default.rq_open': 1, 'circuit_breakers.default.remaining_rq': 0 };
    const [row] = rowsBetween(undefined, sampled(0, cluster({}), cluster(open, second)), group);
    expect(row?.circuit.calls).toEqual({ limit: 4, left: 0, isOpen: true });
    expect(row && openedBy(row)).toEqual(['calls']);
  });

  it('say that all are ejected only where one sidecar has none left', () => {
    const ejecting = (...ejected: readonly [boolean, boolean][]) =>
      rowsBetween(
        undefined,
        sampled(
          0,
          ...ejected.map(([one, two], i) =>
            cluster({}, { sidecar: `reservation-${i + 1}`, replicas: [replica('car-1', one), replica('car-2', two)] }),
          ),
        ),
        group,
      )[0];
    expect(ejecting([true, false], [false, true])).toMatchObject({ ejected: ['car-1', 'car-2'], allEjected: false });
    expect(ejecting([true, true], [false, false])).toMatchObject({ ejected: ['car-1', 'car-2'], allEjected: true });
  });
});

describe('quantile', () => {
  it('spreads the counts of a bar evenly', () => {
    const bars = [
      { from: 0, width: 10, count: 10 },
      { from: 10, width: 10, count: 10 },
    ];
    expect([0.25, 0.5, 0.75, 1].map((share) => quantile(bars, share))).toEqual([5, 10, 15, 20]);
    expect(quantile([], 0.5)).toBeUndefined();
  });
});
