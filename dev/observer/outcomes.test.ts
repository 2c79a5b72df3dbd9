import { expect, it } from 'vitest';
import { Mesh } from '#proto/rentmesh/observer/v1/observer.ts';
import type { Answer, Outcome } from '../demos/load.ts';
import { playedSecond } from './outcomes.ts';

const answer = (outcome: Outcome, took: number): Answer => ({ outcome, start: 0, took, retryAfter: 0, text: '' });

it('a second of a demonstration has its answers by outcome, and how long they took', () => {
  const answers = [answer('reserved', 10), answer('reserved', 30), answer('refused', 4), answer('expired', 1000)];
  expect(playedSecond('slow', answers, Mesh.fromPartial({}))).toMatchObject({
    phase: 'slow',
    reserved: 2,
    refused: 1,
    expired: 1,
    unexpected: 0,
    reservedP50Ms: 30,
    refusedP99Ms: 4,
  });
});

it('a second without answers has no times', () => {
  expect(playedSecond('slow', [], Mesh.fromPartial({}))).toMatchObject({ reserved: 0, reservedP50Ms: undefined, refusedP99Ms: undefined });
});

it('a second tells which circuits were open and who was ejected, each once', () => {
  const destinations = [{ name: 'reservation-1', ejected: true }];
  const mesh = Mesh.fromPartial({
    calls: [
      { caller: 'edge', callee: 'reservation', subset: 'reserve', circuit: { open: true }, destinations, retries: 2 },
      { caller: 'gateway', callee: 'reservation', subset: 'reserve', circuit: { open: false }, destinations, retries: 1 },
    ],
  });
  expect(playedSecond('slow', [], mesh)).toMatchObject({
    openCircuits: ['edge → reservation/reserve'],
    ejected: ['reservation-1'],
    retries: 3,
  });
});
