import type { PlayedSecond } from '#proto/rentmesh/observer/v1/observer.ts';
import type { DemoSecond } from '../demos/record.ts';

/** Returns a second of a demonstration as the contract has it. */
export function playedSecond(second: DemoSecond): PlayedSecond {
  return {
    phase: second.phase,
    reserved: second.succeeded,
    refused: second.refused,
    expired: second.expired,
    unexpected: second.unexpected,
    reservedP50Ms: second.p50Ms,
    reservedP99Ms: second.p99Ms,
    refusedP99Ms: second.refusedP99Ms,
    openCircuits: [...second.openCircuits],
    ejected: second.replicas.filter(({ ejected }) => ejected).map(({ name }) => name),
    retries: second.retries,
    extra: second.extra,
  };
}
