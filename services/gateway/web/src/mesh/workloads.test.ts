import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { MeshSchema, State } from '#proto/es/rentmesh/observer/v1/observer_pb.ts';
import { shownWorkloads } from './workloads.ts';

const replica = { name: 'car-1', state: State.READY, sidecarState: State.READY, sidecarAnswers: true };

function shown(change: object, ejectors: readonly string[] = []) {
  const mesh = create(MeshSchema, {
    seconds: 1,
    workloads: [{ name: 'car', replicas: [{ ...replica, ...change }], store: 'postgres' }],
    calls: ejectors.map((caller) => ({ caller, callee: 'car', destinations: [{ name: 'car-1', ejected: true }] })),
    engines: [{ name: 'postgres', title: 'PostgreSQL' }],
  });
  const [workload] = shownWorkloads(mesh);
  return { store: workload?.store, ...workload?.replicas[0] };
}

describe('a replica', () => {
  it('is ready, with the engine of its service', () => {
    expect(shown({ calls: 4 })).toMatchObject({ health: 'ready', words: 'ready', sidecar: '', calls: 4, store: 'PostgreSQL' });
  });

  it('is ejected if a caller leaves it alone, and says which', () => {
    expect(shown({}, ['edge', 'reservation', 'edge'])).toMatchObject({ health: 'ejected', words: 'ejected by edge, reservation' });
  });

  it('is away if it does not run, ejected or not', () => {
    expect(shown({ state: State.BACKING_OFF }, ['edge'])).toMatchObject({ health: 'away', words: 'being started again' });
  });

  it('says so where its sidecar is down or does not answer', () => {
    expect(shown({ sidecarState: State.STOPPED }).sidecar).toBe('stopped');
    expect(shown({ sidecarAnswers: false }).sidecar).toBe('does not answer');
  });
});
