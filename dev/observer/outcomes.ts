import type { Mesh, PlayedSecond } from '#proto/rentmesh/observer/v1/observer.ts';
import type { Answer, Outcome } from '../demos/load.ts';
import { quantile } from '../terminal/quantile.ts';

/** What users were answered in a stretch of a demonstration, and what the mesh was like at its end. */
export function playedSecond(phase: string, answers: readonly Answer[], mesh: Mesh): PlayedSecond {
  const times = (outcome: Outcome) => answers.filter((answer) => answer.outcome === outcome).map(({ took }) => took);
  const [reserved, refused] = [times('reserved'), times('refused')];
  return {
    phase,
    reserved: reserved.length,
    refused: refused.length,
    expired: times('expired').length,
    unexpected: times('unexpected').length,
    reservedP50Ms: quantileOf(reserved, 0.5),
    reservedP99Ms: quantileOf(reserved, 0.99),
    refusedP99Ms: quantileOf(refused, 0.99),
    openCircuits: mesh.calls
      .filter(({ circuit }) => circuit?.open)
      .map(({ caller, callee, subset }) => `${caller} → ${callee}${subset === '' ? '' : `/${subset}`}`),
    ejected: [...new Set(mesh.calls.flatMap(({ destinations }) => destinations.filter(({ ejected }) => ejected).map(({ name }) => name)))],
    retries: mesh.calls.reduce((sum, { retries }) => sum + retries, 0),
  };
}

function quantileOf(values: readonly number[], share: number): number | undefined {
  return values.length === 0 ? undefined : quantile(values, share);
}
