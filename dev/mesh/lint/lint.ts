import type { Finding } from '../../../envoy/policy/source.ts';
import type { PolicyContext } from '../policy-context.ts';
import { type Advice, Findings } from './advice.ts';
import { checkCalls } from './layers.ts';
import { checkLimits } from './limits.ts';
import { checkEjections } from './outliers.ts';
import { checkRetries } from './retries.ts';
import { adviceOn } from './validation.ts';

/**
 * Advice on policies that are valid: the generator's warnings, and what can be said with the contracts, the replicas and the calls between
 * services known.
 */
export function lint(context: PolicyContext): Advice[] {
  const findings = new Findings();
  checkRetries(context, findings);
  checkLimits(context, findings);
  checkEjections(context, findings);
  checkCalls(context, findings);
  return sorted([...context.mesh.warnings.map((finding) => adviceOn(finding, 'warning')), ...findings.all]);
}

/** The errors of policies that are refused. */
export function refusals(findings: readonly Finding[]): Advice[] {
  return sorted(findings.map((finding) => adviceOn(finding, 'error')));
}

function sorted(advice: readonly Advice[]): Advice[] {
  return [...advice].sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
}
