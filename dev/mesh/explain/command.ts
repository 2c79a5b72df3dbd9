import { PolicyError } from '../../../envoy/policy/source.ts';
import { methodsOf } from '../contracts.ts';
import { laptopContext, meshFolder, readImage, runningWorkloads } from '../laptop.ts';
import { linked, styled, wrapped } from '../terminal.ts';
import { explain } from './explain.ts';
import type { Explanation, Statement } from './explanation.ts';
import { findCall, findCaller, UnknownName } from './names.ts';

export const EXPLAIN_USAGE = `explain CALLER CALL [--json]
      what happens to a call: npm run mesh -- explain rentcar/reservation rentcar/car.CheckUpdateStock
      CALL is service.Method, package.Service/Method, or service/package.Service/Method for any other path`;

/** Prints what happens to a call. @returns the exit code */
export async function explainCommand(args: readonly string[]): Promise<number> {
  const [callerName, callName] = args.filter((arg) => !arg.startsWith('--'));
  try {
    const context = laptopContext(methodsOf(readImage()), [meshFolder()], await runningWorkloads());
    const caller = findCaller(context, callerName ?? '');
    const explanation = explain(context, findCall(context, caller, callName ?? ''));
    process.stdout.write(args.includes('--json') ? `${JSON.stringify(explanation, null, 1)}\n` : formatted(explanation));
    return 0;
  } catch (error) {
    if (!(error instanceof UnknownName || error instanceof PolicyError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 1;
  }
}

/** An explanation as text: a statement each with the lines that decide it below. */
export function formatted({ title, sections }: Explanation): string {
  const width = Math.min(process.stdout.columns || 120, 140) - 4;
  const lines = [styled('bold', title)];
  for (const section of sections) {
    lines.push('', styled('underline', section.title));
    for (const statement of section.statements) {
      const [first = '', ...more] = wrapped(statement.text, width);
      lines.push(`  • ${first}`, ...more.map((line) => `    ${line}`));
      const source = sourceOf(statement);
      if (source !== '') lines.push(styled('dim', `      ${source}`));
    }
  }
  return `${lines.join('\n')}\n`;
}

function sourceOf({ places, otherwise }: Statement): string {
  return places.length > 0 ? places.map(linked).join(', ') : otherwise === undefined ? '' : `(${otherwise})`;
}
