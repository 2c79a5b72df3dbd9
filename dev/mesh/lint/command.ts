import { countKinds, type Finding, PolicyError } from '../../../envoy/policy/source.ts';
import { methodsOf } from '../contracts.ts';
import { laptopContext, meshFolder, readImage } from '../laptop.ts';
import { linked, styled } from '../terminal.ts';
import { counted } from '../words.ts';
import type { Advice } from './advice.ts';
import { lint, refusals } from './lint.ts';

export const LINT_USAGE = `lint [FOLDER...] [--strict] [--json]
      what is wrong or doubtful in policy files (default: mesh/). Ends with 1 on errors, with --strict on warnings too`;

/** Prints advice on policy files. @returns the exit code */
export function lintCommand(args: readonly string[]): number {
  const named = args.filter((arg) => !arg.startsWith('--'));
  const folders = named.length > 0 ? named : [meshFolder()];
  const { advice, clusterOnly } = lintFolders(folders);
  const errors = advice.filter(({ severity }) => severity === 'error').length;
  const warnings = advice.length - errors;
  if (args.includes('--json')) process.stdout.write(`${JSON.stringify(advice, null, 1)}\n`);
  else {
    process.stdout.write(advice.map(formatAdvice).join('\n'));
    const sum = `${folders.join(', ')}: ${counted(errors, 'error')}, ${counted(warnings, 'warning')}`;
    process.stdout.write(`${advice.length > 0 ? '\n' : ''}${styled(advice.length > 0 ? 'bold' : 'green', sum)}\n`);
    if (clusterOnly.length > 0) process.stdout.write(`${styled('dim', `only a cluster acts on: ${countKinds(clusterOnly)}`)}\n`);
  }
  return errors > 0 || (warnings > 0 && args.includes('--strict')) ? 1 : 0;
}

function lintFolders(folders: readonly string[]): { advice: Advice[]; clusterOnly: readonly Finding[] } {
  try {
    const context = laptopContext(methodsOf(readImage()), folders);
    return { advice: lint(context), clusterOnly: context.mesh.clusterOnly };
  } catch (error) {
    if (error instanceof PolicyError) return { advice: refusals(error.findings), clusterOnly: [] };
    throw error;
  }
}

/** A piece of advice as text. */
export function formatAdvice(advice: Advice): string {
  const { severity, rule, problem, why, instead } = advice;
  const head = `${linked(advice)}: ${styled(severity === 'error' ? 'red' : 'yellow', severity)}: ${problem} ${styled('dim', `[${rule}]`)}`;
  return `${head}\n    why:   ${why}\n    write: ${instead}\n`;
}
