import { describe, expect, it } from 'vitest';
import type { SystemStatus } from '../../laptop/control.ts';
import { rowsBetween } from '../rates.ts';
import type { ClusterSample, Sample } from '../stats.ts';
import { formatView } from './view.ts';

const status: SystemStatus = {
  instance: 0,
  pid: 1,
  edge: 'http://127.0.0.1:8088',
  ready: true,
  warnings: [],
  policy: { ok: true, at: '2026-01-01T00:00:00Z' },
  systems: [],
  processes: [],
};

function cluster(sidecar: string, host: string, values: Record<string, number>, ejected = false): ClusterSample {
  return {
    sidecar,
    direction: 'outbound',
    host,
    port: 50051,
    subset: '',
    values: new Map(Object.entries(values)),
    times: [],
    limits: { calls: 4, waiting: undefined, retries: undefined, connections: undefined },
    replicas: [{ name: 'car-1', ejected, calls: 1, failures: 1 }],
  };
}

function view(clusters: ClusterSample[], more: Partial<Parameters<typeof formatView>[0]> = {}): string {
  const before: Sample = { at: 0, clusters: [], silent: [] };
  return formatView({ status, rows: rowsBetween(before, { at: 1000, clusters, silent: [] }), silent: [], all: false, ...more });
}

describe('the table', () => {
  it('shows calls, and neither colours nor rows without calls where it is no terminal', () => {
    const text = view([
      cluster('edge', 'car.rentcar.svc.cluster.local', { 'grpc.total': 8, 'grpc.success': 6 }),
      cluster('edge', 'rental', {}),
    ]);
    expect(text).toMatch(/^edge +rentcar\/car +8\.0 +75 % +– +– +0 +0 +0 +4\/4 +closed +–$/m);
    expect(text).not.toContain('rental');
    expect(text).not.toContain('\u001b');
  });

  it('shows all rows if that is wished', () => {
    expect(view([cluster('edge', 'rental', {})], { all: true })).toContain('rental');
    expect(view([cluster('edge', 'rental', {})])).toContain('no calls yet');
  });

  it('says which circuit is open, and who is ejected', () => {
    const open = { 'grpc.total': 1, 'circuit_breakers.default.rq_open': 1, 'circuit_breakers.default.remaining_rq': 0 };
    expect(view([cluster('edge', 'car', open)])).toMatch(/0\/4 +OPEN: calls/);
    expect(view([cluster('edge', 'car', {}, true)])).toMatch(/OPEN: all ejected +car-1 \(1 of 1\)/);
  });

  it('says that the policies in force are not those in the files', () => {
    const policy = { ok: false, at: '2026-01-01T00:00:00Z', error: 'mesh/car.yaml:3: what is wrong' };
    expect(view([], { status: { ...status, policy } })).toMatch(/the files have an error[\s\S]*mesh\/car\.yaml:3: what is wrong/);
  });

  it('names sidecars that do not answer', () => {
    expect(view([], { silent: ['car-1'] })).toContain("car-1's sidecar does not answer");
  });
});
