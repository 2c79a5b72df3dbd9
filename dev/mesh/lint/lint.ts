import type { Finding } from '../../../envoy/policy/source.ts';
import type { World } from '../world.ts';
import { type Advice, Notes } from './advice.ts';
import { checkCalls } from './layers.ts';
import { checkLimits } from './limits.ts';
import { checkEjections } from './outliers.ts';
import { checkRetries } from './retries.ts';
import { adviceOn } from './validation.ts';

/**
 * Advice on policies that are valid: the generator's warnings, and what can be said with the contracts, the replicas and the calls between
 * services known.
 */
export function lint(world: World): Advice[] {
  const notes = new Notes();
  checkRetries(world, notes);
  checkLimits(world, notes);
  checkEjections(world, notes);
  checkCalls(world, notes);
  return sorted([...world.mesh.warnings.map((finding) => adviceOn(finding, 'warning')), ...notes.all]);
}

/** The errors of policies that are refused. */
export function refusals(findings: readonly Finding[]): Advice[] {
  return sorted(findings.map((finding) => adviceOn(finding, 'error')));
}

function sorted(advice: readonly Advice[]): Advice[] {
  return [...advice].sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
}
