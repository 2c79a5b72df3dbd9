import { describe, expect, it } from 'vitest';
import { replicaNumber, replicaOfSidecar, resolveName, serviceOfReplica } from './identity.ts';

const names = ['kafka', 'edge', 'bank/desk-1', 'bank/desk-2', 'bank/desk-1-sidecar', 'zoo/desk-1', 'zoo/desk-1-sidecar', 'zoo/lion-1'];

describe('a name', () => {
  it('means one process in full, and in short form where that is unambiguous', () => {
    expect(resolveName('zoo/desk-1', names)).toEqual(['zoo/desk-1']);
    expect(resolveName('desk-2', names)).toEqual(['bank/desk-2']);
    expect(resolveName('kafka', names)).toEqual(['kafka']);
  });

  it('of a service means all its replicas, without their sidecars', () => {
    expect(resolveName('bank/desk', names)).toEqual(['bank/desk-1', 'bank/desk-2']);
    expect(resolveName('lion', names)).toEqual(['zoo/lion-1']);
  });

  it('is refused with the candidates where it is ambiguous, and with all names where nothing has it', () => {
    expect(() => resolveName('desk', names)).toThrow('"desk" is bank/desk or zoo/desk: write one of these.');
    expect(() => resolveName('desk-1', names)).toThrow('"desk-1" is bank/desk-1 or zoo/desk-1: write one of these.');
    expect(() => resolveName('desk-1-sidecar', names)).toThrow('bank/desk-1-sidecar or zoo/desk-1-sidecar');
    expect(() => resolveName('bus', names, 'service')).toThrow('There is no service "bus"; there are: kafka, ');
  });

  it('has parts', () => {
    expect([serviceOfReplica('bank/desk-12'), replicaNumber('bank/desk-12'), replicaOfSidecar('bank/desk-12-sidecar')]).toEqual([
      'bank/desk',
      12,
      'bank/desk-12',
    ]);
    expect([serviceOfReplica('edge'), replicaNumber('edge'), replicaOfSidecar('bank/desk-1')]).toEqual([undefined, undefined, undefined]);
  });
});
